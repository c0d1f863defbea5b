// SPDX-License-Identifier: Apache-2.0
package org.plurality.bundle;

import java.nio.file.Path;

/** Says whether overlayfs can be used on this node by an ordinary user. */
public interface Overlays {
    /**
     * @param layer a node-local directory, which is to be the upper of two read-only layers
     * @param image a directory of an image, which is to be the lower
     */
    boolean work(Path layer, Path image);

    /**
     * Nothing works: for images that are looked at in another mount namespace, and for runtimes that take no overlay.
     */
    Overlays NONE = new Overlays() {
        @Override
        public boolean work(Path layer, Path image) {
            return false;
        }
    };
}
