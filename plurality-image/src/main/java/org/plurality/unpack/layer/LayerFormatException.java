// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.layer;

import java.io.IOException;

/** A layer that is damaged, hostile, or exceeds a bound. The message is the reason, the hint what to do about it. */
public final class LayerFormatException extends IOException {
    private static final long serialVersionUID = 1;
    private static final String UNTRUSTED =
            "the image is damaged or hostile: have its publisher rebuild it, and report it to them";

    private final String hint;

    public LayerFormatException(String reason) {
        this(reason, UNTRUSTED);
    }

    public LayerFormatException(String reason, String hint) {
        super(reason);
        this.hint = hint;
    }

    public String hint() {
        return hint;
    }
}
