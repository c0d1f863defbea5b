// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import java.io.IOException;

/**
 * A file with the name of a document cannot be one, however often it is read: it is not a regular file, or it is too
 * large.
 */
public final class NotADocumentException extends IOException {
    private static final long serialVersionUID = 1;

    public NotADocumentException(String reason) {
        super(reason);
    }
}
