// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.unpack.layer.LayerFormatException;

/** Words for an image that is damaged, hostile or too large. */
final class LayerRefusal {
    private LayerRefusal() {}

    static PluralityException of(String what, LayerFormatException e) {
        return new PluralityException(FailureKind.INTEGRITY, what + ": " + e.getMessage(), e.hint(), e);
    }
}
