// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.archive;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** Files by name, in a directory or a tar. For any number of threads. */
interface ArchiveContents extends AutoCloseable {
    /**
     * @param name relative, with slashes
     * @return empty when there is no regular file of that name
     */
    Optional<Member> find(String name) throws IOException;

    @Override
    void close();

    /** A regular file. */
    interface Member {
        long bytes();

        /** From its first byte; can be called again. */
        InputStream open() throws IOException;
    }
}
