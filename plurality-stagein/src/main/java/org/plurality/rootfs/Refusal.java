// SPDX-License-Identifier: Apache-2.0
package org.plurality.rootfs;

import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.layer.LayerFormatException;

/** Words for an image that is damaged, hostile or too large. */
final class Refusal {
    private Refusal() {}

    static PluralityException of(String what, LayerFormatException e) {
        return new PluralityException(FailureKind.INTEGRITY, what + ": " + e.getMessage(), e.hint(), e);
    }
}
