// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import java.io.IOException;

/** What has a document's name cannot be one, however often it is read: it is not a regular file, or too large. */
public final class NotADocumentException extends IOException {
    private static final long serialVersionUID = 1;

    public NotADocumentException(String reason) {
        super(reason);
    }
}
