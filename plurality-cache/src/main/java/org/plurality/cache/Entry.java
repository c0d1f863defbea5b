// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import java.nio.file.Path;

/**
 * A published image: its document and where it lies. {@link Cache} makes one after reading {@code entry.json}; a launch makes one for a root
 * filesystem that is in no cache.
 *
 * @param layout of the cache that holds it
 * @param directory of the entry
 * @param rootfs the root filesystem: a directory or a squashfs file, as {@link EntryDocument#kind()} says
 */
public record Entry(CacheLayout layout, Path directory, EntryDocument document, Path rootfs) {
    Entry(CacheLayout layout, Path directory, EntryDocument document) {
        this(layout, directory, document, layout.rootfs(directory, document.kind()));
    }

    /** The exact bytes of the image configuration. */
    public Path config() {
        return layout.config(directory);
    }

    /** The exact bytes of the image manifest. */
    public Path manifest() {
        return layout.manifest(directory);
    }
}
