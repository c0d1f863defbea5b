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
 * The host's {@code /usr} (and {@code /lib*} where those are separate) in a container, read-only: for libraries of the
 * host's MPI and GPU drivers, and for its time zones. Nothing else needs it.
 *
 * @param binds that bring it there
 */
public record HostTools(List<Bind> binds) {
    /** Where it is in the container; stage-in makes these mount points in every entry. */
    public static final Path MOUNT_POINT = Path.of("/.plurality");

    /** The loaders' names in the platforms' ELF ABIs. */
    private static final List<String> LOADERS = List.of(
            "/lib64/ld-linux-x86-64.so.2",
            "/lib/ld-linux-aarch64.so.1",
            "/lib64/ld64.so.2",
            "/lib/ld-linux-riscv64-lp64d.so.1");

    public HostTools {
        binds = List.copyOf(binds);
    }

    /** @throws PluralityException (OTHER) when the host's loader cannot be read */
    public static HostTools find() throws PluralityException {
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
        return of(Path.of("/usr"));
    }

    /** @param loader the real path of the host's loader; its directory holds the C library too */
    static HostTools of(Path loader) {
        Set<String> tops = new LinkedHashSet<>(List.of("usr", loader.getName(0).toString()));
        List<Bind> binds = new ArrayList<>();
        for (String top : tops) {
            binds.add(new Bind(Path.of("/", top), MOUNT_POINT.resolve(top), true, true, "the host's libraries"));
        }
        return new HostTools(binds);
    }

    /** Whether the value of one of these variables, {@code NAME=VALUE}, lies there. */
    public static boolean areNamedBy(List<String> variables) {
        for (String variable : variables) {
            if (variable.contains("=:" + MOUNT_POINT + "/")) {
                return true;
            }
        }
        return false;
    }
}
