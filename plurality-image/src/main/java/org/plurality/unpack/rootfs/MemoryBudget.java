// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import org.plurality.unpack.layer.LayerFormatException;
import org.plurality.unpack.layer.UnpackLimits;

/** Memory that an image's names and extended attributes may take, in estimated bytes. */
final class MemoryBudget {
    private final long most;
    private long taken;

    MemoryBudget(UnpackLimits limits) {
        this.most = limits.maxTreeBytes();
    }

    void take(long bytes) throws LayerFormatException {
        taken += bytes;
        if (taken > most) {
            throw new LayerFormatException(
                    "its names and attributes take more memory than the " + most + " bytes that are there for them",
                    "if you trust it, give more: PLURALITY_STAGEIN_HEAP=2g");
        }
    }

    void giveBack(long bytes) {
        taken -= bytes;
    }
}
