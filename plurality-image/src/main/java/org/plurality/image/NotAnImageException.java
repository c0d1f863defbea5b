// SPDX-License-Identifier: Apache-2.0
package org.plurality.image;

import java.io.IOException;

/** A manifest is one of something else than a container image. */
public final class NotAnImageException extends IOException {
    private static final long serialVersionUID = 1;

    NotAnImageException(String message) {
        super(message);
    }
}
