// SPDX-License-Identifier: Apache-2.0
package org.plurality.failure;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A failure that a person can act on.
 *
 * <p>The message has the form {@code cannot <do> <what>: <why>}, and the hint names the command or setting that fixes
 * it. Commands print both, each on a line of its own, and exit with the kind's code. Neither ever contains a secret;
 * text from outside is quoted as {@link Printable}.
 */
public final class PluralityException extends Exception {
    private static final long serialVersionUID = 1;

    private final FailureKind kind;
    private final String hint;

    public PluralityException(FailureKind kind, String message, String hint, @Nullable Throwable cause) {
        super(Printable.line(message), cause);
        this.kind = kind;
        this.hint = Printable.line(hint);
    }

    public PluralityException(FailureKind kind, String message, String hint) {
        this(kind, message, hint, null);
    }

    /**
     * Creates the failure of a filesystem call. The kind is always {@link FailureKind#STORAGE}; reason and hint follow
     * from the error: no space, quota, permission, read-only.
     *
     * @param action the failed action, beginning with {@code cannot}, without the reason
     */
    public static PluralityException storage(String action, IOException cause) {
        String reason = reasonOf(cause);
        return new PluralityException(FailureKind.STORAGE, action + ": " + reason, storageHint(reason), cause);
    }

    /** Creates the failure of a filesystem call for which the caller has a better hint on a missing permission. */
    public static PluralityException storage(String action, IOException cause, String permissionHint) {
        String reason = reasonOf(cause);
        String hint = isPermission(reason) ? permissionHint : storageHint(reason);
        return new PluralityException(FailureKind.STORAGE, action + ": " + reason, hint, cause);
    }

    public FailureKind kind() {
        return kind;
    }

    public String hint() {
        return hint;
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }

    /**
     * Returns the reason of an I/O exception in words, without the path, which the caller's message already contains.
     */
    public static String reasonOf(IOException cause) {
        if (cause instanceof NoSuchFileException) {
            return "No such file or directory";
        }
        if (cause instanceof FileAlreadyExistsException) {
            return "File exists";
        }
        if (cause instanceof NotDirectoryException) {
            return "Not a directory";
        }
        if (cause instanceof FileSystemException failure && failure.getReason() != null) {
            return failure.getReason();
        }
        if (cause instanceof AccessDeniedException) {
            return "Permission denied";
        }
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }

    private static boolean isPermission(String reason) {
        String lower = reason.toLowerCase(Locale.ROOT);
        return lower.contains("permission denied") || lower.contains("read-only") || lower.contains("not permitted");
    }

    private static String storageHint(String reason) {
        String lower = reason.toLowerCase(Locale.ROOT);
        if (lower.contains("no space")) {
            return "free space there, remove images with 'plurality-stagein rm', or choose another cache with --cache or"
                    + " PLURALITY_CACHE";
        }
        if (lower.contains("quota")) {
            return "your quota there is used up: remove images with 'plurality-stagein rm', or choose another cache with"
                    + " --cache or PLURALITY_CACHE";
        }
        if (isPermission(reason)) {
            return "choose a cache that you can write to with --cache or PLURALITY_CACHE";
        }
        return "check the filesystem that holds it, or choose another cache with --cache or PLURALITY_CACHE";
    }
}
