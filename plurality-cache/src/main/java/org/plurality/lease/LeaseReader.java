// SPDX-License-Identifier: Apache-2.0
package org.plurality.lease;

import java.io.IOException;
import java.nio.file.Path;
import org.plurality.cache.BoundedFile;

/**
 * Reads a small regular file that another user may have made. Anything else is a {@link
 * org.plurality.cache.NotADocumentException}. If this user may not read the file, an {@link
 * java.nio.file.AccessDeniedException} is thrown. Any other {@link IOException} tells nothing about the file.
 */
@FunctionalInterface
public interface LeaseReader {
    byte[] read(Path file, int mostBytes) throws IOException;

    /**
     * Reads a file without native calls. Follows no link and opens no pipe. If a pipe replaces the file between the
     * check and the open, the read blocks. So use this only for files that nobody but this user or the cache's owner
     * can replace.
     */
    static byte[] readOwn(Path file, int mostBytes) throws IOException {
        return BoundedFile.read(file, mostBytes);
    }
}
