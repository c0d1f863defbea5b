// SPDX-License-Identifier: Apache-2.0
package org.plurality.failure;

import java.io.IOException;
import java.nio.file.AccessDeniedException;

/**
 * Why a filesystem call failed, as far as that decides what a person can do. Java passes on the error's text, not its
 * number; the text is compared whole, as {@code strerror(3)} gives it without a locale.
 */
enum StorageFault {
    /** ENOSPC. */
    NO_SPACE,
    /** EDQUOT. */
    QUOTA,
    /** EACCES, EPERM and EROFS. */
    PERMISSION,
    OTHER;

    static StorageFault of(IOException cause) {
        return switch (PluralityException.reasonOf(cause)) {
            case "No space left on device" -> NO_SPACE;
            case "Disk quota exceeded" -> QUOTA;
            case "Permission denied", "Operation not permitted", "Read-only file system" -> PERMISSION;
            default -> cause instanceof AccessDeniedException ? PERMISSION : OTHER;
        };
    }

    /** Returns what to do about it, for a file in a cache. */
    String hint() {
        return switch (this) {
            case NO_SPACE ->
                "free space there, remove images with 'plurality-stagein rm', or choose another cache with --cache or"
                        + " PLURALITY_CACHE";
            case QUOTA ->
                "your quota there is used up: remove images with 'plurality-stagein rm', or choose another cache with"
                        + " --cache or PLURALITY_CACHE";
            case PERMISSION -> "choose a cache that you can write to with --cache or PLURALITY_CACHE";
            case OTHER -> "check the filesystem that holds it, or choose another cache with --cache or PLURALITY_CACHE";
        };
    }
}
