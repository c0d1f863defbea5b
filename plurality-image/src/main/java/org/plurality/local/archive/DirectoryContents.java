// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.archive;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The files of a directory. Names come from this package alone, never from an image. */
record DirectoryContents(Path directory) implements ArchiveContents {
    @Override
    public Optional<Member> find(String name) throws IOException {
        Path file = directory.resolve(name);
        // Never a pipe, which could keep a reader waiting for ever.
        return Files.isRegularFile(file) ? Optional.of(new File(file, Files.size(file))) : Optional.empty();
    }

    @Override
    public void close() {}

    private record File(Path path, long bytes) implements Member {
        @Override
        public InputStream open() throws IOException {
            return Files.newInputStream(path);
        }
    }
}
