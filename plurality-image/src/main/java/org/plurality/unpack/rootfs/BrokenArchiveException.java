// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import java.io.IOException;

/** Nobody takes the tar any more: whoever made a file of it has given up, and knows why. */
final class BrokenArchiveException extends IOException {
    private static final long serialVersionUID = 1;

    BrokenArchiveException(IOException cause) {
        super(cause.getMessage(), cause);
    }
}
