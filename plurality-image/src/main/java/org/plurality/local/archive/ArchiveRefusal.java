// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.archive;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.image.BlobVerifier;
import org.plurality.unpack.layer.LayerFormatException;

/**
 * What goes wrong with one image in a file, in words.
 *
 * @param source as the user wrote it
 */
record ArchiveRefusal(String source) {
    PluralityException integrity(String why) {
        return new PluralityException(
                FailureKind.INTEGRITY,
                "cannot read " + source + ": " + why,
                "nothing of it was kept; have the image written anew, or copied again");
    }

    PluralityException notFound(String why, String hint) {
        return new PluralityException(FailureKind.NOT_FOUND, "cannot read " + source + ": " + why, hint);
    }

    PluralityException usage(String why, String hint) {
        return new PluralityException(FailureKind.USAGE, "cannot read " + source + ": " + why, hint);
    }

    /** @param what of it was being read; empty for the whole */
    PluralityException failed(String what, IOException e) {
        String of = what.isEmpty() ? source : what + " of " + source;
        if (e instanceof LayerFormatException format) {
            return new PluralityException(
                    FailureKind.INTEGRITY, "cannot read " + of + ": " + format.getMessage(), format.hint(), e);
        }
        if (e instanceof BlobVerifier.Mismatch) {
            return integrity((what.isEmpty() ? "" : what + ": ") + e.getMessage());
        }
        if (e instanceof NoSuchFileException || e instanceof NotDirectoryException) {
            return notFound("there is no such file", "check the path: relative ones are looked for from where you are");
        }
        if (e instanceof AccessDeniedException) {
            return new PluralityException(
                    FailureKind.NOT_AUTHORISED,
                    "cannot read " + of + ": Permission denied",
                    "ask its owner to let you read it",
                    e);
        }
        if (Thread.currentThread().isInterrupted()) {
            return new PluralityException(
                    FailureKind.INTERRUPTED, "cannot read " + of + ": interrupted", "run it again", e);
        }
        return PluralityException.storage("cannot read " + of, e);
    }
}
