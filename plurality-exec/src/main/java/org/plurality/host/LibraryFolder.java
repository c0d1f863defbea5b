// SPDX-License-Identifier: Apache-2.0
package org.plurality.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.plurality.bundle.Bind;
import org.plurality.bundle.MountRequest;

/**
 * A directory of the container with libraries of the host. Those below what is bound anyway, the host's {@code /usr}, are links to it; others
 * are bound one by one.
 */
public final class LibraryFolder {
    /** The C library is always the image's: two of them in one process do not work. */
    private static final Set<String> C_LIBRARY = Set.of(
            "libc.so.6",
            "libm.so.6",
            "libdl.so.2",
            "libpthread.so.0",
            "librt.so.1",
            "libresolv.so.2",
            "libutil.so.1",
            "libnss_files.so.2",
            "libnss_dns.so.2",
            "libanl.so.1",
            "libmvec.so.1",
            "libBrokenLocale.so.1");

    private final Path onHost;
    private final Path inContainer;
    private final List<Bind> visible;
    private final String reason;
    private final Map<String, Path> libraries = new LinkedHashMap<>();

    /**
     * @param onHost where the directory is made
     * @param inContainer where it will be
     * @param visible what of the host is bound in any case
     */
    public LibraryFolder(Path onHost, Path inContainer, List<Bind> visible, String reason) {
        this.onHost = onHost;
        this.inContainer = inContainer;
        this.visible = List.copyOf(visible);
        this.reason = reason;
    }

    public Path inContainer() {
        return inContainer;
    }

    public boolean isEmpty() {
        return libraries.isEmpty();
    }

    /** The files that are in it, by name. */
    public Map<String, Path> libraries() {
        return libraries;
    }

    public void add(String name, Path file) {
        if (!isCLibrary(name)) {
            libraries.putIfAbsent(name, file);
        }
    }

    /** A library, and what it needs and what that needs; what the host does not have itself is left to the image. */
    public void addWithNeeded(String name, Path file, HostLibraries host, List<String> first) throws IOException {
        add(name, file);
        addNeeded(file, host, first);
    }

    /** What a file needs, without itself. */
    public void addNeeded(Path file, HostLibraries host, List<String> first) throws IOException {
        List<Path> waiting = new ArrayList<>(List.of(file));
        while (!waiting.isEmpty()) {
            for (String needed : ElfFile.read(waiting.remove(0)).needed()) {
                Path found = host.find(needed, first).get(needed);
                if (found != null && !isCLibrary(needed) && !libraries.containsKey(needed)) {
                    libraries.put(needed, found);
                    waiting.add(found);
                }
            }
        }
    }

    /** Makes the directory; the mounts that bring it in. */
    public List<MountRequest> make() throws IOException {
        Files.createDirectories(onHost);
        List<MountRequest> mounts = new ArrayList<>();
        mounts.add(new Bind(onHost, inContainer, true, false, reason));
        for (Map.Entry<String, Path> library : libraries.entrySet()) {
            Path real = library.getValue().toRealPath();
            Path target = seen(real, visible);
            if (!target.equals(real)) {
                Files.createSymbolicLink(onHost.resolve(library.getKey()), target);
            } else {
                mounts.add(new Bind(real, inContainer.resolve(library.getKey()), true, false, reason));
            }
        }
        return mounts;
    }

    /** Where a file of the host is seen in the container because it lies in one of the binds; itself where it does not. */
    public static Path seen(Path real, List<Bind> binds) {
        for (Bind bind : binds) {
            if (real.startsWith(bind.source())) {
                return bind.destination().resolve(bind.source().relativize(real));
            }
        }
        return real;
    }

    private static boolean isCLibrary(String name) {
        return C_LIBRARY.contains(name) || name.startsWith("ld-linux") || name.startsWith("ld64.so");
    }
}
