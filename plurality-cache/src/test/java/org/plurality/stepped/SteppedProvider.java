// SPDX-License-Identifier: Apache-2.0
package org.plurality.stepped;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.spi.FileSystemProvider;
import java.util.Map;
import java.util.Set;

/** Each call takes a step, then does what the default provider does. */
final class SteppedProvider extends FileSystemProvider {
    private final FileSystemProvider real = FileSystems.getDefault().provider();
    private final SteppedFileSystem system;
    private final Schedule schedule;
    private final Faults faults;

    SteppedProvider(SteppedFileSystem system, Schedule schedule, Faults faults) {
        this.system = system;
        this.schedule = schedule;
        this.faults = faults;
    }

    private Path real(Path path) {
        return SteppedFileSystem.real(path);
    }

    private Path changeAt(Path path) throws IOException {
        faults.before(real(path));
        return stepTo(path);
    }

    private Path openAt(Path path, Set<? extends OpenOption> options) throws IOException {
        boolean changes = options.contains(StandardOpenOption.WRITE) || options.contains(StandardOpenOption.APPEND);
        return changes ? changeAt(path) : stepTo(path);
    }

    private Path stepTo(Path path) {
        schedule.step();
        return real(path);
    }

    @Override
    public String getScheme() {
        return "stepped";
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        return system;
    }

    @Override
    public Path getPath(URI uri) {
        return system.wrap(Path.of(uri));
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        return real.newByteChannel(openAt(path, options), options, attributes);
    }

    @Override
    public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        return real.newFileChannel(openAt(path, options), options, attributes);
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path directory, DirectoryStream.Filter<? super Path> filter)
            throws IOException {
        DirectoryStream<Path> stream =
                real.newDirectoryStream(stepTo(directory), entry -> filter.accept(system.wrap(entry)));
        return new SteppedDirectory(system, (SecureDirectoryStream<Path>) stream, schedule);
    }

    @Override
    public void createDirectory(Path directory, FileAttribute<?>... attributes) throws IOException {
        real.createDirectory(changeAt(directory), attributes);
    }

    @Override
    public void createLink(Path link, Path existing) throws IOException {
        real.createLink(changeAt(link), real(existing));
    }

    @Override
    public void delete(Path path) throws IOException {
        real.delete(changeAt(path));
    }

    @Override
    public void copy(Path source, Path target, CopyOption... options) throws IOException {
        real.copy(stepTo(source), real(target), options);
    }

    @Override
    public void move(Path source, Path target, CopyOption... options) throws IOException {
        real.move(changeAt(source), real(target), options);
        faults.renamed(real(target));
    }

    @Override
    public boolean isSameFile(Path path, Path other) throws IOException {
        return real.isSameFile(stepTo(path), real(other));
    }

    @Override
    public boolean isHidden(Path path) throws IOException {
        return real.isHidden(real(path));
    }

    @Override
    public FileStore getFileStore(Path path) throws IOException {
        return real.getFileStore(stepTo(path));
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        real.checkAccess(stepTo(path), modes);
    }

    @Override
    public <V extends FileAttributeView> V getFileAttributeView(Path path, Class<V> type, LinkOption... options) {
        return real.getFileAttributeView(stepTo(path), type, options);
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
            throws IOException {
        return real.readAttributes(stepTo(path), type, options);
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) throws IOException {
        return real.readAttributes(stepTo(path), attributes, options);
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options) throws IOException {
        real.setAttribute(changeAt(path), attribute, value, options);
    }
}
