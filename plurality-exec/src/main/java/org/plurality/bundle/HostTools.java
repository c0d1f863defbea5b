// SPDX-License-Identifier: Apache-2.0
package org.plurality.bundle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/**
 * The host's {@code nsenter}, {@code unshare}, {@code flock} and {@code env} as a rank reaches them inside any image, be it musl, distroless or empty:
 * through the host's own loader, from a read-only bind of the host's {@code /usr} (and {@code /lib*} where those are separate).
 *
 * @param loader the loader's path in the container
 * @param libraryPath for the loader's {@code --library-path}
 * @param directory of the tools in the container
 * @param binds that bring them there
 */
public record HostTools(String loader, String libraryPath, String directory, List<Bind> binds) {
    /** Where they are in the container; stage-in makes these mount points in every entry. */
    public static final Path MOUNT_POINT = Path.of("/.plurality");

    /** The loaders' names in the platforms' ELF ABIs. */
    private static final List<String> LOADERS = List.of(
            "/lib64/ld-linux-x86-64.so.2",
            "/lib/ld-linux-aarch64.so.1",
            "/lib64/ld64.so.2",
            "/lib/ld-linux-riscv64-lp64d.so.1");

    private static final Path TOOLS = Path.of("/usr/bin");

    public HostTools {
        binds = List.copyOf(binds);
    }

    /** @throws PluralityException (OTHER) when the host lacks them */
    public static HostTools find() throws PluralityException {
        for (String tool : List.of("nsenter", "unshare", "flock", "env")) {
            if (!Files.isExecutable(TOOLS.resolve(tool))) {
                throw new PluralityException(
                        FailureKind.OTHER,
                        "cannot enter a container: this host has no " + TOOLS.resolve(tool),
                        "install util-linux and coreutils on the compute nodes");
            }
        }
        for (String name : LOADERS) {
            Path loader = Path.of(name);
            if (Files.exists(loader)) {
                try {
                    return of(loader.toRealPath());
                } catch (IOException e) {
                    throw new PluralityException(
                            FailureKind.OTHER,
                            "cannot read " + loader + ": " + PluralityException.reasonOf(e),
                            "check the C library of this host",
                            e);
                }
            }
        }
        throw new PluralityException(
                FailureKind.OTHER,
                "cannot enter a container: this host has none of the loaders " + String.join(", ", LOADERS),
                "compute nodes need glibc");
    }

    /** @param loader the real path of the host's loader; its directory holds the C library too */
    static HostTools of(Path loader) {
        Set<String> tops = new LinkedHashSet<>(List.of("usr", loader.getName(0).toString()));
        List<Bind> binds = new ArrayList<>();
        for (String top : tops) {
            binds.add(new Bind(
                    Path.of("/", top), MOUNT_POINT.resolve(top), true, true, "the host's nsenter and its libraries"));
        }
        Path libraries = loader.resolveSibling(".").normalize();
        String libraryPath = inContainer(libraries).toString();
        if (tops.size() > 1) {
            libraryPath += ":" + inContainer(Path.of("/usr" + libraries));
        }
        return new HostTools(
                inContainer(loader).toString(), libraryPath, inContainer(TOOLS).toString(), binds);
    }

    /** A command line that runs a tool inside. */
    public List<String> command(String tool) {
        return List.of(loader, "--library-path", libraryPath, directory + "/" + tool);
    }

    private static Path inContainer(Path onHost) {
        return MOUNT_POINT.resolve(Path.of("/").relativize(onHost));
    }
}
