// SPDX-License-Identifier: Apache-2.0
package org.plurality.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plurality.json.JsonObject;
import org.plurality.json.JsonWriter;

/**
 * Identifies a process uniquely among all hosts and reboots. A pid alone is meaningless on another host, and is reused
 * on its own host.
 *
 * @param host node name, as {@code uname -n} prints it
 * @param bootId boot id of the running kernel, from {@code /proc/sys/kernel/random/boot_id}
 * @param pid pid in the host's PID namespace
 * @param startTicks field 22 of {@code /proc/PID/stat}: clock ticks from boot to the start of the process
 * @param pidNamespace the PID namespace of the pid, as {@code /proc/self/ns/pid} reads; empty if not known
 * @param uid real user id; -1 if not known
 */
public record ProcessIdentity(String host, String bootId, long pid, long startTicks, String pidNamespace, long uid) {

    /** The state of a process, as far as this host knows it. */
    public enum Liveness {
        ALIVE,
        ENDED,
        /** Unknown: the process ran on another host or in another PID namespace, or {@code /proc} hides it. */
        UNKNOWN
    }

    private static final Path PROC = Path.of("/proc");

    /** Does not occur in host names or boot ids. */
    private static final char SEPARATOR = '~';

    private static volatile @Nullable ProcessIdentity current;

    /** Determined once, because a pull needs it for each file that it creates. */
    public static ProcessIdentity current() throws IOException {
        ProcessIdentity known = current;
        if (known == null) {
            known = of(ProcessHandle.current().pid());
            current = known;
        }
        return known;
    }

    /** @throws IOException if there is no such process on this host */
    public static ProcessIdentity of(long pid) throws IOException {
        return new ProcessIdentity(
                thisHost(), thisBoot(), pid, startTicksOf(pid), thisPidNamespace(), uidOf(Long.toString(pid)));
    }

    public static ProcessIdentity read(JsonObject json) throws IOException {
        String pidNamespace = json.optionalString("pidNamespace");
        return new ProcessIdentity(
                json.string("host"),
                json.string("bootId"),
                json.number("pid"),
                json.number("startTicks"),
                pidNamespace == null ? "" : pidNamespace,
                json.has("uid") ? json.number("uid") : -1);
    }

    /** Writes the members into the JSON object that is open. */
    public void write(JsonWriter json) throws IOException {
        json.writeStringField("host", host);
        json.writeStringField("bootId", bootId);
        json.writeNumberField("pid", pid);
        json.writeNumberField("startTicks", startTicks);
        json.writeStringField("pidNamespace", pidNamespace);
        json.writeNumberField("uid", uid);
    }

    /**
     * Returns the identity as part of a file name, for {@link #inName}: without slashes, about a hundred characters
     * long.
     */
    public String toName() {
        return host
                + SEPARATOR
                + bootId
                + SEPARATOR
                + pid
                + SEPARATOR
                + startTicks
                + SEPARATOR
                + pidNamespace
                + SEPARATOR
                + uid;
    }

    /** Returns the process whose {@link #toName} is the end of a file name. */
    public static Optional<ProcessIdentity> inName(String name) {
        String[] parts = new String[6];
        int end = name.length();
        for (int i = parts.length - 1; i >= 0; i--) {
            int start = name.lastIndexOf(SEPARATOR, end - 1);
            if (start < 0) {
                return Optional.empty();
            }
            parts[i] = name.substring(start + 1, end);
            end = start;
        }
        try {
            return Optional.of(new ProcessIdentity(
                    parts[0],
                    parts[1],
                    Long.parseLong(parts[2]),
                    Long.parseLong(parts[3]),
                    parts[4],
                    Long.parseLong(parts[5])));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    public Liveness liveness() throws IOException {
        ProcessIdentity here = current();
        if (!host.equals(here.host)) {
            return Liveness.UNKNOWN;
        }
        if (!bootId.equals(here.bootId)) {
            return Liveness.ENDED;
        }
        if (!pidNamespace.isEmpty() && !pidNamespace.equals(here.pidNamespace)) {
            return Liveness.UNKNOWN;
        }
        try {
            return startTicksOf(pid) == startTicks ? Liveness.ALIVE : Liveness.ENDED;
        } catch (NoSuchFileException e) {
            return isHiding() ? Liveness.UNKNOWN : Liveness.ENDED;
        } catch (IOException e) {
            return Liveness.UNKNOWN;
        }
    }

    /**
     * Returns whether {@code /proc} is mounted with {@code hidepid}, as at many sites: then users see only their own
     * processes.
     */
    private boolean isHiding() throws IOException {
        return !Files.exists(PROC.resolve("1/stat")) && uid != uidOf("self");
    }

    private static String thisPidNamespace() {
        try {
            return Files.readSymbolicLink(PROC.resolve("self/ns/pid")).toString();
        } catch (IOException e) {
            return "";
        }
    }

    private static long uidOf(String process) throws IOException {
        String status = line(PROC.resolve(process + "/status"));
        int start = status.indexOf("\nUid:\t") + 6;
        return Long.parseLong(status.substring(start, status.indexOf('\t', start)));
    }

    private static String thisHost() throws IOException {
        return line(PROC.resolve("sys/kernel/hostname"));
    }

    private static String thisBoot() throws IOException {
        return line(PROC.resolve("sys/kernel/random/boot_id"));
    }

    private static long startTicksOf(long pid) throws IOException {
        String stat = line(PROC.resolve(pid + "/stat"));
        // The second field is the command in parentheses and may itself contain spaces and parentheses.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Long.parseLong(fields[19]);
    }

    private static String line(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).strip();
    }
}
