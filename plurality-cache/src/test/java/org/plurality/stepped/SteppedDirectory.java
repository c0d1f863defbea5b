// SPDX-License-Identifier: Apache-2.0
package org.plurality.stepped;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.util.Iterator;
import java.util.Set;

/** An open directory, with a step before each call. */
record SteppedDirectory(SteppedFileSystem system, SecureDirectoryStream<Path> real, Schedule schedule)
        implements SecureDirectoryStream<Path> {

    private Path stepTo(Path path) {
        schedule.step();
        return SteppedFileSystem.real(path);
    }

    @Override
    public Iterator<Path> iterator() {
        Iterator<Path> entries = real.iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return entries.hasNext();
            }

            @Override
            public Path next() {
                return system.wrap(entries.next());
            }
        };
    }

    @Override
    public SecureDirectoryStream<Path> newDirectoryStream(Path path, LinkOption... options) throws IOException {
        return new SteppedDirectory(system, real.newDirectoryStream(stepTo(path), options), schedule);
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        return real.newByteChannel(stepTo(path), options, attributes);
    }

    @Override
    public void deleteFile(Path path) throws IOException {
        real.deleteFile(stepTo(path));
    }

    @Override
    public void deleteDirectory(Path path) throws IOException {
        real.deleteDirectory(stepTo(path));
    }

    @Override
    public void move(Path source, SecureDirectoryStream<Path> targetDirectory, Path target) throws IOException {
        throw new UnsupportedOperationException();
    }

    @Override
    public <V extends FileAttributeView> V getFileAttributeView(Class<V> type) {
        return real.getFileAttributeView(type);
    }

    @Override
    public <V extends FileAttributeView> V getFileAttributeView(Path path, Class<V> type, LinkOption... options) {
        return real.getFileAttributeView(stepTo(path), type, options);
    }

    @Override
    public void close() throws IOException {
        real.close();
    }
}
