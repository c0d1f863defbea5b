package org.plurality.mpi;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.plurality.bundle.Bind;
import org.plurality.bundle.HostTools;
import org.plurality.bundle.RootfsView;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.host.ElfFile;
import org.plurality.host.HostLibraries;
import org.plurality.host.HostParts;
import org.plurality.host.LibraryFolder;
import org.plurality.host.Profile;

/**
 * {@code --mpi host}: the image's MPI library is covered by the host's of the same family and binary interface.
 *
 * <p>A family is a profile of kind {@code mpi}. Its {@code sonames} stand for one binary interface, by whatever names distributions give it; {@code needs}
 * and {@code lacks} tell families apart that had the same soname in their time. Fabrics are profiles of kind {@code fabric}, taken where the
 * node has them.
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

    /** A library of the image: its path there and what it says of itself. */
    private record InImage(Path path, ElfFile elf) {}

    /**
     * @param libraryPath the image's {@code LD_LIBRARY_PATH}, or empty
     * @throws PluralityException (OTHER) when image and host do not fit
     */
    public void apply(Map<String, Profile> profiles, String libraryPath, boolean ownDevices, HostParts parts)
            throws PluralityException, IOException {
        List<Path> directories = imageDirectories(libraryPath);
        for (Profile family : Profile.ofKind(profiles, "mpi")) {
            Map<String, InImage> found = inImage(family, directories);
            if (!found.isEmpty()) {
                replace(family, found, Profile.ofKind(profiles, "fabric"), directories, ownDevices, parts);
                return;
            }
        }
        throw refused(
                "the image has no MPI library that a profile knows" + otherMpi(directories),
                "use an image with Open MPI 4 or an MPICH of ABI 12, or --mpi image");
    }

    /** The family's libraries in the image, by soname. */
    private Map<String, InImage> inImage(Profile family, List<Path> directories) throws IOException {
        Map<String, InImage> found = new LinkedHashMap<>();
        for (Path directory : directories) {
            for (String soname : family.all("sonames")) {
                Path file = regularFile(directory.resolve(soname));
                if (file != null && !found.containsKey(soname)) {
                    ElfFile elf = ElfFile.read(image.onHost(file));
                    if (fits(family, elf)) {
                        found.put(soname, new InImage(file, elf));
                    }
                }
            }
        }
        return found;
    }

    private static boolean fits(Profile family, ElfFile elf) {
        boolean has = family.all("needs").isEmpty();
        for (String name : elf.needed()) {
            for (String prefix : family.all("needs")) {
                has |= name.startsWith(prefix);
            }
            for (String prefix : family.all("lacks")) {
                if (name.startsWith(prefix)) {
                    return false;
                }
            }
        }
        return has;
    }

    private void replace(
            Profile family,
            Map<String, InImage> found,
            List<Profile> fabrics,
            List<Path> directories,
            boolean ownDevices,
            HostParts parts)
            throws PluralityException, IOException {
        Path library = hostLibrary(family);
        ElfFile elf = ElfFile.read(library);
        String soname = elf.soname().orElse("");
        if (!family.all("sonames").contains(soname) || !fits(family, elf)) {
            throw refused(
                    library + " of this node says it is " + (soname.isEmpty() ? "nothing" : soname) + ", not one of "
                            + String.join(", ", family.all("sonames")),
                    "check the profile " + family.name() + ", or use --mpi image");
        }
        Path inside = HostTools.MOUNT_POINT.resolve("mpi");
        LibraryFolder folder =
                new LibraryFolder(scratch.resolve("libraries").resolve("mpi"), inside, tools.binds(), "--mpi host");
        List<String> first = family.all("directories");
        for (String name : found.keySet()) {
            Path own = host.find(name, first).get(name);
            folder.addWithNeeded(name, own == null ? library : own, host, first);
        }
        folder.addWithNeeded(soname, library, host, first);
        plugins(family, folder, parts);
        for (Profile fabric : fabrics) {
            fabric(fabric, folder, ownDevices, parts);
        }
        checkC(folder, directories);
        noteOlder(found.values().iterator().next().path(), library, parts);
        parts.mounts().addAll(folder.make());
        parts.librariesBefore().add(inside.toString());
        parts.variables().addAll(family.all("environment"));
        for (Path device : ownDevices ? family.files("devices") : List.<Path>of()) {
            parts.mounts().add(new Bind(device, device, false, true, "--mpi host"));
        }
    }

    private Path hostLibrary(Profile family) throws PluralityException, IOException {
        for (String soname : family.all("sonames")) {
            Path file = host.find(soname, family.all("directories")).get(soname);
            if (file != null) {
                return file.toRealPath();
            }
        }
        throw refused(
                "the image's MPI is " + family.name() + ", and this node has none of "
                        + String.join(", ", family.all("sonames")),
                "load it on this node, name its directory in a profile, or use --mpi image");
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
        for (Path device : ownDevices ? fabric.files("devices") : List.<Path>of()) {
            parts.mounts().add(new Bind(device, device, false, true, "fabric " + fabric.name()));
        }
        parts.variables().addAll(fabric.all("environment"));
    }

    /** The C library stays the image's: it must be glibc, and not older than what the host's libraries were built with. */
    private void checkC(LibraryFolder folder, List<Path> directories) throws PluralityException, IOException {
        int has = 0;
        for (Path directory : directories) {
            Path file = regularFile(directory.resolve("libc.so.6"));
            if (file != null) {
                has = Math.max(has, ElfFile.read(image.onHost(file)).glibc());
            }
        }
        if (has == 0) {
            throw refused("the image has no glibc, which the host's library needs", "use --mpi image");
        }
        for (Map.Entry<String, Path> library : folder.libraries().entrySet()) {
            int needs = ElfFile.read(library.getValue()).glibc();
            if (needs > has) {
                throw refused(
                        library.getKey() + " of this node needs glibc 2." + needs + ", and the image has 2." + has,
                        "use a newer image, or --mpi image");
            }
        }
    }

    /** The numbers behind a soname grow with what a library can do. */
    private void noteOlder(Path inImage, Path onHost, HostParts parts) {
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

    private String otherMpi(List<Path> directories) throws IOException {
        Set<String> names = new LinkedHashSet<>();
        for (Path directory : directories) {
            RootfsView.Location location = image.locate(directory);
            if (location.isComplete() && image.isDirectory(location.existing())) {
                for (Path file : Profile.matching(image.onHost(location.existing()) + "/libmpi*.so.*")) {
                    names.add(file.getFileName().toString());
                }
            }
        }
        return names.isEmpty() ? "" : ": it has " + String.join(", ", names);
    }

    /** Where loaders look. */
    private List<Path> imageDirectories(String libraryPath) throws IOException {
        List<Path> directories = new ArrayList<>();
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
                "/lib/" + machine + "-linux-gnu",
                "/usr/lib64",
                "/lib64",
                "/usr/lib",
                "/lib",
                "/usr/lib64/openmpi/lib",
                "/usr/lib64/mpich/lib",
                "/opt/openmpi/lib",
                "/opt/mpich/lib")) {
            directories.add(Path.of(directory));
        }
        return directories;
    }

    private @Nullable Path regularFile(Path path) throws IOException {
        RootfsView.Location location = image.locate(path);
        return location.isComplete()
                        && image.isRegularFile(location.existing())
                        && Files.isReadable(image.onHost(location.existing()))
                ? location.existing()
                : null;
    }

    private static PluralityException refused(String why, String hint) {
        return new PluralityException(FailureKind.OTHER, "cannot use the host's MPI: " + why, hint);
    }
}
