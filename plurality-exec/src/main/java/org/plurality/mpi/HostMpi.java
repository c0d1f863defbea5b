// SPDX-License-Identifier: Apache-2.0
package org.plurality.mpi;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.plurality.bundle.Bind;
import org.plurality.bundle.HostTools;
import org.plurality.bundle.RootfsView;
import org.plurality.failure.PluralityException;
import org.plurality.host.ElfFile;
import org.plurality.host.HostLibraries;
import org.plurality.host.HostParts;
import org.plurality.host.LibraryFolder;
import org.plurality.host.Profile;

/**
 * {@code --mpi host}: the image's MPI library is covered by the host's of the same family and binary interface.
 *
 * <p>Families are profiles of kind {@code mpi}; see {@link Family}. Fabrics are profiles of kind {@code fabric}, taken where the node has them.
 */
public final class HostMpi {
    private final RootfsView image;
    private final HostTools tools;
    private final Path scratch;
    private final HostLibraries host;

    /** @param scratch the launch's own node-local directory */
    public HostMpi(RootfsView image, HostTools tools, Path scratch, HostLibraries host) {
        this.image = image;
        this.tools = tools;
        this.scratch = scratch;
        this.host = host;
    }

    /**
     * @param libraryPath the image's {@code LD_LIBRARY_PATH}, or empty
     * @throws PluralityException (OTHER) when image and host do not fit
     */
    public void apply(Map<String, Profile> profiles, String libraryPath, boolean ownDevices, HostParts parts)
            throws PluralityException, IOException {
        ImageLibraries libraries = new ImageLibraries(image, libraryPath);
        for (Profile profile : Profile.ofKind(profiles, "mpi")) {
            Family family = new Family(profile);
            Map<String, ImageLibraries.Library> found = family.in(libraries);
            if (!found.isEmpty()) {
                LibraryFolder folder = folder(family, found.keySet());
                Path library = family.on(host);
                plugins(profile, folder, parts);
                for (Profile fabric : Profile.ofKind(profiles, "fabric")) {
                    fabric(fabric, folder, ownDevices, parts);
                }
                checkC(folder, libraries.glibc());
                noteOlder(found.values().iterator().next().path(), library, parts);
                parts.mounts().addAll(folder.make());
                parts.librariesBefore().add(folder.inContainer().toString());
                addDevices(profile, ownDevices, "--mpi host", parts);
                return;
            }
        }
        throw Family.refused(
                "the image has no MPI library that a profile knows"
                        + libraries
                                .names("libmpi*.so.*")
                                .map(names -> ": it has " + names)
                                .orElse(""),
                "use an image with Open MPI 4 or an MPICH of ABI 12, or --mpi image");
    }

    /** What covers the image's libraries: the node's by the names that programs of the image ask for, and what it needs. */
    private LibraryFolder folder(Family family, Set<String> names) throws PluralityException, IOException {
        Path library = family.on(host);
        LibraryFolder folder = new LibraryFolder(
                scratch.resolve("libraries").resolve("mpi"),
                HostTools.MOUNT_POINT.resolve("mpi"),
                tools.binds(),
                "--mpi host");
        List<String> first = family.directories();
        for (String name : names) {
            Path own = host.find(name, first).get(name);
            folder.addWithNeeded(name, own == null ? library : own, host, first);
        }
        folder.addWithNeeded(ElfFile.read(library).soname().orElse(""), library, host, first);
        return folder;
    }

    private static void addDevices(Profile profile, boolean ownDevices, String reason, HostParts parts)
            throws IOException {
        for (Path device : ownDevices ? profile.files("devices") : List.<Path>of()) {
            parts.mounts().add(new Bind(device, device, false, true, reason));
        }
        parts.variables().addAll(profile.all("environment"));
    }

    /** Components that the library opens by itself, from a directory that it was built with. */
    private void plugins(Profile family, LibraryFolder folder, HostParts parts) throws IOException {
        for (Path directory : family.files("plugins")) {
            Path real = directory.toRealPath();
            Path seen = LibraryFolder.seen(real, tools.binds());
            if (seen.equals(real)) {
                parts.mounts().add(new Bind(real, real, true, true, "--mpi host"));
            }
            for (Path plugin : Profile.matching(real + "/*.so")) {
                folder.addNeeded(plugin, host, family.all("directories"));
            }
            if (!family.first("plugins_variable").isEmpty()) {
                parts.variables().add(family.first("plugins_variable") + "=" + seen);
            }
            return;
        }
    }

    private void fabric(Profile fabric, LibraryFolder folder, boolean ownDevices, HostParts parts) throws IOException {
        for (String pattern : fabric.all("libraries")) {
            for (Map.Entry<String, Path> library :
                    host.find(pattern, fabric.all("directories")).entrySet()) {
                folder.addWithNeeded(library.getKey(), library.getValue(), host, fabric.all("directories"));
            }
        }
        for (Path file : fabric.files("files")) {
            parts.mounts().add(new Bind(file.toRealPath(), file, true, true, "fabric " + fabric.name()));
        }
        addDevices(fabric, ownDevices, "fabric " + fabric.name(), parts);
    }

    /** The C library stays the image's: it must be glibc, and not older than what the host's libraries were built with. */
    private static void checkC(LibraryFolder folder, int has) throws PluralityException, IOException {
        if (has == 0) {
            throw Family.refused("the image has no glibc, which the host's library needs", "use --mpi image");
        }
        for (Map.Entry<String, Path> library : folder.libraries().entrySet()) {
            int needs = ElfFile.read(library.getValue()).glibc();
            if (needs > has) {
                throw Family.refused(
                        library.getKey() + " of this node needs glibc 2." + needs + ", and the image has 2." + has,
                        "use a newer image, or --mpi image");
            }
        }
    }

    /** The numbers behind a soname grow with what a library can do. */
    private static void noteOlder(Path inImage, Path onHost, HostParts parts) {
        String theirs = inImage.getFileName().toString();
        String ours = onHost.getFileName().toString();
        int so = theirs.indexOf(".so.");
        if (so > 0 && ours.startsWith(theirs.substring(0, so + 4)) && minor(ours) < minor(theirs)) {
            parts.notes()
                    .add("the host's MPI (" + ours + ") is older than the image's (" + theirs
                            + "): a program may miss functions");
        }
    }

    private static int minor(String name) {
        String[] numbers = name.substring(name.indexOf(".so.") + 4).split("\\.", -1);
        try {
            return numbers.length > 1 ? Integer.parseInt(numbers[1]) : 0;
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
