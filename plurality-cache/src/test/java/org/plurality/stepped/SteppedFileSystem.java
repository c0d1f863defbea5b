// SPDX-License-Identifier: Apache-2.0
package org.plurality.stepped;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.List;
import java.util.Set;

/** The default filesystem, with a step of a schedule before each call that reads or changes it. */
public final class SteppedFileSystem extends FileSystem {
    private final FileSystem real = FileSystems.getDefault();
    private final SteppedProvider provider;

    public SteppedFileSystem(Schedule schedule) {
        this(schedule, Faults.NONE);
    }

    public SteppedFileSystem(Schedule schedule, Faults faults) {
        this.provider = new SteppedProvider(this, schedule, faults);
    }

    /** The same place, seen through this filesystem. */
    public Path wrap(Path path) {
        return path instanceof SteppedPath ? path : new SteppedPath(this, path);
    }

    static Path real(Path path) {
        return path instanceof SteppedPath stepped ? stepped.real() : path;
    }

    @Override
    public FileSystemProvider provider() {
        return provider;
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    public String getSeparator() {
        return real.getSeparator();
    }

    @Override
    public Iterable<Path> getRootDirectories() {
        return List.of(wrap(Path.of("/")));
    }

    @Override
    public Iterable<FileStore> getFileStores() {
        return real.getFileStores();
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
        return real.supportedFileAttributeViews();
    }

    @Override
    public Path getPath(String first, String... more) {
        return wrap(real.getPath(first, more));
    }

    @Override
    public PathMatcher getPathMatcher(String syntaxAndPattern) {
        PathMatcher matcher = real.getPathMatcher(syntaxAndPattern);
        return path -> matcher.matches(real(path));
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
        return real.getUserPrincipalLookupService();
    }

    @Override
    public WatchService newWatchService() throws IOException {
        throw new UnsupportedOperationException();
    }
}
