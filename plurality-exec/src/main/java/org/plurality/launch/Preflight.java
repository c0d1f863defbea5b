// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/** What this node must have before a container can start, asked while the error can still be put in words. */
public final class Preflight {
    private static final String USUAL = "runc";
    private static final String OTHER = "crun";

    private Preflight() {}

    /**
     * Returns the runtime's absolute path: the one that is set; else runc's; else crun's, as on systems that have no runc.
     *
     * @throws PluralityException (OTHER) when there is none
     */
    public static Path runtime(Settings settings, Map<String, String> environment) throws PluralityException {
        Optional<String> set = settings.value(Key.RUNTIME);
        if (set.isPresent()) {
            return runtime(set.get(), environment);
        }
        Path runc = find(USUAL, environment);
        Path crun = runc == null ? find(OTHER, environment) : null;
        return crun == null ? runtime(USUAL, environment) : crun;
    }

    /**
     * The runtime's absolute path.
     *
     * @param runtime a path, or a name that is looked for on PATH and in the system's directories
     * @throws PluralityException (OTHER) when there is none
     */
    static Path runtime(String runtime, Map<String, String> environment) throws PluralityException {
        Path found = find(runtime, environment);
        if (found != null) {
            return found;
        }
        throw new PluralityException(
                FailureKind.OTHER,
                "cannot start a container: there is no " + runtime + (runtime.equals(USUAL) ? ", and no crun," : "")
                        + " on this node",
                runtime.equals(USUAL)
                        ? "install runc or crun on the compute nodes (Debian: apt-get install runc), or name one with --runtime or"
                                + " PLURALITY_RUNTIME"
                        : "install " + runtime + " on the compute nodes, or leave --runtime and PLURALITY_RUNTIME away:"
                                + " runc is used then");
    }

    /** The absolute path of a program, by its name or path; null when there is none. */
    static @Nullable Path find(String program, Map<String, String> environment) {
        String search = program.contains("/")
                ? ""
                : environment.getOrDefault("PATH", "") + ":/usr/local/bin:/usr/bin:/usr/local/sbin:/usr/sbin";
        for (String directory : search.split(":", -1)) {
            if (directory.isEmpty() && !search.isEmpty()) {
                continue;
            }
            Path candidate = Path.of(directory, program).toAbsolutePath();
            if (Files.isExecutable(candidate) && Files.isRegularFile(candidate)) {
                return candidate;
            }
        }
        return null;
    }

    /** @throws PluralityException (OTHER) when the kernel gives users no namespaces, with the setting that does */
    public static void userNamespaces() throws PluralityException {
        refuse("/proc/sys/user/max_user_namespaces", "0", "sysctl user.max_user_namespaces=15000");
        refuse("/proc/sys/kernel/unprivileged_userns_clone", "0", "sysctl kernel.unprivileged_userns_clone=1");
        refuse(
                "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
                "1",
                "sysctl kernel.apparmor_restrict_unprivileged_userns=0");
    }

    private static void refuse(String file, String refused, String remedy) throws PluralityException {
        String value;
        try {
            value = new String(Files.readAllBytes(Path.of(file)), StandardCharsets.US_ASCII).strip();
        } catch (IOException e) {
            return; // This kernel has no such switch.
        }
        if (value.equals(refused)) {
            throw new PluralityException(
                    FailureKind.OTHER,
                    "cannot start a container: this node's kernel gives users no user namespaces (" + file + " is "
                            + value + ")",
                    "ask the administrator for: " + remedy);
        }
    }
}
