// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Makes this host ask the server again which names there are. An NFS client believes for up to {@code acdirmax} (60
 * s) that a name is absent which it has looked up before, and another host may have made it since.
 *
 * <p>Opening a directory makes the client fetch the directory's attributes, whatever it remembers (close-to-open
 * consistency); if they have changed, it forgets the absent names. {@code statx} with {@code AT_STATX_FORCE_SYNC}
 * does the same, but takes a native call, which costs a waiting rank 30 ms. Nothing is read, so this costs one open
 * and close for each directory, and on NFS one request.
 */
public final class FreshLook {
    private FreshLook() {}

    /**
     * Looks at the directories above a name, the highest first, so that each is found by what the server said of the
     * one above. Directories that this user may enter but not list are passed over: the name is looked up by what is
     * remembered of them.
     *
     * @param top the highest directory to look at; that of the filesystem if it is not above the name
     */
    public static void above(Path name, Path top) {
        Deque<Path> directories = new ArrayDeque<>();
        for (Path at = name.getParent(); at != null; at = at.getParent()) {
            directories.push(at);
            if (at.equals(top)) {
                break;
            }
        }
        for (Path directory : directories) {
            if (!at(directory)) {
                return;
            }
        }
    }

    /** Whether there is a directory of that name; if it seems to be absent, the server is asked. */
    public static boolean isDirectory(Path directory) {
        if (Files.isDirectory(directory)) {
            return true;
        }
        above(directory, directory);
        return Files.isDirectory(directory);
    }

    /** @return false when there is no directory of that name */
    public static boolean at(Path directory) {
        try (DirectoryStream<Path> _ = Files.newDirectoryStream(directory)) {
            return true;
        } catch (NoSuchFileException | NotDirectoryException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }
}
