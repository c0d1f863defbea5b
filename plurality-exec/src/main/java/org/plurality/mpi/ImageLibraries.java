// SPDX-License-Identifier: Apache-2.0
package org.plurality.mpi;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.plurality.bundle.RootfsView;
import org.plurality.host.ElfFile;
import org.plurality.host.Profile;

/** The libraries of an image that its loader would find: in {@code LD_LIBRARY_PATH} and in the directories that distributions use. */
final class ImageLibraries {
    private static final List<String> DIRECTORIES = List.of(
            "/usr/lib64",
            "/lib64",
            "/usr/lib",
            "/lib",
            "/usr/lib64/openmpi/lib",
            "/usr/lib64/mpich/lib",
            "/opt/openmpi/lib",
            "/opt/mpich/lib");

    private final RootfsView image;
    private final List<Path> directories = new ArrayList<>();

    /**
     * A library of the image.
     *
     * @param path in the image, without links
     */
    record Library(Path path, ElfFile elf) {}

    /** @param libraryPath the image's {@code LD_LIBRARY_PATH}, or empty */
    ImageLibraries(RootfsView image, String libraryPath) {
        this.image = image;
        for (String part : libraryPath.split(":", -1)) {
            if (part.startsWith("/")) {
                directories.add(Path.of(part));
            }
        }
        String machine = System.getProperty("os.arch", "").equals("aarch64") ? "aarch64" : "x86_64";
        for (String directory : List.of(
                "/usr/local/lib",
                "/usr/local/lib64",
                "/usr/lib/" + machine + "-linux-gnu",
                "/lib/" + machine + "-linux-gnu")) {
            directories.add(Path.of(directory));
        }
        for (String directory : DIRECTORIES) {
            directories.add(Path.of(directory));
        }
    }

    /** Those of that name, the one that is found first in front. */
    List<Library> find(String name) throws IOException {
        List<Library> found = new ArrayList<>();
        for (Path directory : directories) {
            RootfsView.Location location = image.locate(directory.resolve(name));
            if (location.isComplete()) {
                Path file = location.existing();
                if (image.isRegularFile(file) && Files.isReadable(image.onHost(file))) {
                    found.add(new Library(file, ElfFile.read(image.onHost(file))));
                }
            }
        }
        return found;
    }

    /** The names that fit a pattern, for people. */
    Optional<String> names(String pattern) throws IOException {
        Set<String> names = new LinkedHashSet<>();
        for (Path directory : directories) {
            RootfsView.Location location = image.locate(directory);
            if (location.isComplete() && image.isDirectory(location.existing())) {
                for (Path file : Profile.matching(image.onHost(location.existing()) + "/" + pattern)) {
                    names.add(file.getFileName().toString());
                }
            }
        }
        return names.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", names));
    }

    /** The N of the newest {@code GLIBC_2.N} that the image's C library has; 0 when that is another, or there is none. */
    int glibc() throws IOException {
        int most = 0;
        for (Library library : find("libc.so.6")) {
            most = Math.max(most, library.elf().glibc());
        }
        return most;
    }
}
