package org.plurality.process;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.plurality.json.JsonObject;

/**
 * A process, told apart from every other on any host and after any reboot: a pid alone says nothing on a second host, and is used again
 * on the first.
 *
 * @param host node name, as {@code uname -n} gives it
 * @param bootId of the running kernel, from {@code /proc/sys/kernel/random/boot_id}
 * @param pid in the host's PID namespace
 * @param startTicks field 22 of {@code /proc/PID/stat}: clock ticks from boot to the process's start
 */
public record ProcessIdentity(String host, String bootId, long pid, long startTicks) {

    /** What can be said of a process from here. */
    public enum Liveness {
        ALIVE,
        ENDED,
        /** It ran on another host: this one cannot tell. */
        UNKNOWN
    }

    private static final Path PROC = Path.of("/proc");

    public static ProcessIdentity current() throws IOException {
        return of(ProcessHandle.current().pid());
    }

    /** @throws IOException when there is no such process on this host */
    public static ProcessIdentity of(long pid) throws IOException {
        return new ProcessIdentity(thisHost(), thisBoot(), pid, startTicksOf(pid));
    }

    public static ProcessIdentity read(JsonObject json) throws IOException {
        return new ProcessIdentity(
                json.string("host"), json.string("bootId"), json.number("pid"), json.number("startTicks"));
    }

    /** Writes the members into the object that is open. */
    public void write(JsonGenerator json) throws IOException {
        json.writeStringField("host", host);
        json.writeStringField("bootId", bootId);
        json.writeNumberField("pid", pid);
        json.writeNumberField("startTicks", startTicks);
    }

    public Liveness liveness() throws IOException {
        if (!host.equals(thisHost())) {
            return Liveness.UNKNOWN;
        }
        if (!bootId.equals(thisBoot())) {
            return Liveness.ENDED;
        }
        try {
            return startTicksOf(pid) == startTicks ? Liveness.ALIVE : Liveness.ENDED;
        } catch (IOException e) {
            return Liveness.ENDED;
        }
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
