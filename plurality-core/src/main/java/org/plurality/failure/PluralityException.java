// SPDX-License-Identifier: Apache-2.0
package org.plurality.failure;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
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

    /** Creates the failure for a wrong option, argument or setting. */
    public static PluralityException usage(String message, String hint) {
        return new PluralityException(FailureKind.USAGE, message, hint);
    }

    /** Creates the failure for a wrong option, argument or setting, with its cause. */
    public static PluralityException usage(String message, String hint, Throwable cause) {
        return new PluralityException(FailureKind.USAGE, message, hint, cause);
    }

    /** Creates the failure for a missing image, lease or container. */
    public static PluralityException notFound(String message, String hint) {
        return new PluralityException(FailureKind.NOT_FOUND, message, hint);
    }

    /** Creates the failure for a missing image, lease or container, with its cause. */
    public static PluralityException notFound(String message, String hint, Throwable cause) {
        return new PluralityException(FailureKind.NOT_FOUND, message, hint, cause);
    }

    /** Creates the failure for a registry or a policy that refuses. */
    public static PluralityException notAuthorised(String message, String hint) {
        return new PluralityException(FailureKind.NOT_AUTHORISED, message, hint);
    }

    /** Creates the failure for a registry or a policy that refuses, with its cause. */
    public static PluralityException notAuthorised(String message, String hint, Throwable cause) {
        return new PluralityException(FailureKind.NOT_AUTHORISED, message, hint, cause);
    }

    /** Creates the failure for a registry that cannot be reached, or that failed. */
    public static PluralityException network(String message, String hint) {
        return new PluralityException(FailureKind.NETWORK, message, hint);
    }

    /** Creates the failure for a registry that cannot be reached, or that failed, with its cause. */
    public static PluralityException network(String message, String hint, Throwable cause) {
        return new PluralityException(FailureKind.NETWORK, message, hint, cause);
    }

    /** Creates the failure for content that is not what it should be. */
    public static PluralityException integrity(String message, String hint) {
        return new PluralityException(FailureKind.INTEGRITY, message, hint);
    }

    /** Creates the failure for content that is not what it should be, with its cause. */
    public static PluralityException integrity(String message, String hint, Throwable cause) {
        return new PluralityException(FailureKind.INTEGRITY, message, hint, cause);
    }

    /** Creates the failure for something that others need or work on. */
    public static PluralityException busy(String message, String hint) {
        return new PluralityException(FailureKind.BUSY, message, hint);
    }

    /** Creates the failure for something that others need or work on, with its cause. */
    public static PluralityException busy(String message, String hint, Throwable cause) {
        return new PluralityException(FailureKind.BUSY, message, hint, cause);
    }

    /**
     * Creates the failure of a filesystem call. The kind is always {@link FailureKind#STORAGE}; reason and hint follow
     * from the error: no space, quota, permission, read-only.
     *
     * @param action the failed action, beginning with {@code cannot}, without the reason
     */
    public static PluralityException storage(String action, IOException cause) {
        return storage(action, cause, StorageFault.PERMISSION.hint());
    }

    /** Creates the failure of a filesystem call for which the caller has a better hint on a missing permission. */
    public static PluralityException storage(String action, IOException cause, String permissionHint) {
        StorageFault fault = StorageFault.of(cause);
        String hint = fault == StorageFault.PERMISSION ? permissionHint : fault.hint();
        return new PluralityException(FailureKind.STORAGE, action + ": " + reasonOf(cause), hint, cause);
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
}
