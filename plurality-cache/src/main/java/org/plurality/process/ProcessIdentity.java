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
 * A process, told apart from every other on any host and after any reboot: a pid alone says nothing on a second host, and is used again
 * on the first.
 *
 * @param host node name, as {@code uname -n} gives it
 * @param bootId of the running kernel, from {@code /proc/sys/kernel/random/boot_id}
 * @param pid in the host's PID namespace
 * @param startTicks field 22 of {@code /proc/PID/stat}: clock ticks from boot to the process's start
 * @param pidNamespace in which the pid counts, as {@code /proc/self/ns/pid} reads; empty when not known
 * @param uid real user id; -1 when not known
 */
public record ProcessIdentity(String host, String bootId, long pid, long startTicks, String pidNamespace, long uid) {

    /** What can be said of a process from here. */
    public enum Liveness {
        ALIVE,
        ENDED,
        /** It ran on another host or in another PID namespace, or {@code /proc} hides it: this process cannot tell. */
        UNKNOWN
    }

    private static final Path PROC = Path.of("/proc");

    /** In no host's name and no boot id. */
    private static final char SEPARATOR = '~';

    private static volatile @Nullable ProcessIdentity current;

    /** Looked up once: a pull asks for each file that it makes. */
    public static ProcessIdentity current() throws IOException {
        ProcessIdentity known = current;
        if (known == null) {
            known = of(ProcessHandle.current().pid());
            current = known;
        }
        return known;
    }

    /** @throws IOException when there is no such process on this host */
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

    /** Writes the members into the object that is open. */
    public void write(JsonWriter json) throws IOException {
        json.writeStringField("host", host);
        json.writeStringField("bootId", bootId);
        json.writeNumberField("pid", pid);
        json.writeNumberField("startTicks", startTicks);
        json.writeStringField("pidNamespace", pidNamespace);
        json.writeNumberField("uid", uid);
    }

    /** As part of a file's name, for {@link #inName}: without slashes, of some hundred characters. */
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

    /** The process whose {@link #toName} a file's name ends with. */
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

    /** A {@code /proc} mounted with {@code hidepid}, as many sites do, shows a user nobody else's processes. */
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
        // The second field is the command in parentheses and may hold spaces and parentheses itself.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Long.parseLong(fields[19]);
    }

    private static String line(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).strip();
    }
}
