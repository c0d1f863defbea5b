// SPDX-License-Identifier: Apache-2.0
package org.plurality.bundle;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plurality.json.JsonObject;
import org.plurality.json.JsonWriter;

/**
 * {@code config.json} of a named container: a plain OCI bundle that {@code runc run} itself starts for an ordinary user.
 *
 * <p>Container uid 0 is the user, the only id that there is inside. Processes, IPC, mounts and the host name are the container's own; the
 * network is the host's. No cgroup path and no limits. Unlike a rank's container ({@link RuntimeSpec}), the image's places are not covered by
 * the host's: {@code /tmp} and {@code /home} are the container's.
 *
 * @param arguments of the process
 * @param environment of the process, {@code NAME=VALUE}
 * @param workDirectory of the process, absolute, in the container
 * @param hostname in the container
 * @param root as {@code root.path} has it: absolute, or relative to the bundle
 * @param readOnly whether the root may not be written to
 * @param overlay mounted over the root, or null
 * @param binds from the host, besides {@code /sys} and name resolution
 * @param ids of the user on the host
 * @param hostMounts for the flags that binds have to keep
 */
public record ContainerSpec(
        List<String> arguments,
        List<String> environment,
        String workDirectory,
        String hostname,
        String root,
        boolean readOnly,
        @Nullable Overlay overlay,
        List<Bind> binds,
        UserIds ids,
        HostMounts hostMounts)
        implements JsonObject.Members {

    /** What Docker gives by default; all of them count for the user's own id only. */
    private static final List<String> CAPABILITIES = List.of(
            "CAP_AUDIT_WRITE",
            "CAP_CHOWN",
            "CAP_DAC_OVERRIDE",
            "CAP_FOWNER",
            "CAP_FSETID",
            "CAP_KILL",
            "CAP_MKNOD",
            "CAP_NET_BIND_SERVICE",
            "CAP_NET_RAW",
            "CAP_SETFCAP",
            "CAP_SETGID",
            "CAP_SETPCAP",
            "CAP_SETUID",
            "CAP_SYS_CHROOT");

    private static final List<String> MASKED = List.of(
            "/proc/acpi",
            "/proc/asound",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/scsi",
            "/proc/sched_debug",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/sys/firmware");

    private static final List<String> READ_ONLY =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    /**
     * A writable layer over an image: overlayfs, mounted by the user's own namespace (Linux 5.11).
     *
     * @param lower the image's root
     * @param upper what the container wrote
     * @param work for the kernel, on the filesystem of {@code upper}
     */
    public record Overlay(Path lower, Path upper, Path work) {
        public Overlay {
            for (Path path : List.of(lower, upper, work)) {
                if (!isMountable(path)) {
                    throw new IllegalArgumentException("overlayfs takes no colon, comma or backslash in " + path);
                }
            }
        }

        private static boolean isMountable(Path path) {
            String text = path.toString();
            return path.isAbsolute() && text.indexOf(':') < 0 && text.indexOf(',') < 0 && text.indexOf('\\') < 0;
        }

        public List<String> options() {
            return List.of("lowerdir=" + lower, "upperdir=" + upper, "workdir=" + work, "userxattr");
        }
    }

    public ContainerSpec {
        arguments = List.copyOf(arguments);
        environment = List.copyOf(environment);
        binds = List.copyOf(binds);
    }

    public byte[] toJson() throws IOException {
        return JsonObject.write(this);
    }

    @Override
    public void write(JsonWriter json) throws IOException {
        json.writeStringField("ociVersion", "1.0.2");
        json.writeObjectFieldStart("process");
        json.writeBooleanField("terminal", false);
        json.writeObjectFieldStart("user");
        json.writeNumberField("uid", 0);
        json.writeNumberField("gid", 0);
        json.writeEndObject();
        RuntimeSpec.strings(json, "args", arguments);
        RuntimeSpec.strings(json, "env", environment);
        json.writeStringField("cwd", workDirectory);
        json.writeObjectFieldStart("capabilities");
        for (String set : List.of("bounding", "effective", "permitted")) {
            RuntimeSpec.strings(json, set, CAPABILITIES);
        }
        json.writeEndObject();
        json.writeBooleanField("noNewPrivileges", true);
        json.writeEndObject();
        json.writeObjectFieldStart("root");
        json.writeStringField("path", root);
        json.writeBooleanField("readonly", readOnly);
        json.writeEndObject();
        json.writeStringField("hostname", hostname);
        json.writeArrayFieldStart("mounts");
        if (overlay != null) {
            mount(json, "/", "overlay", "overlay", overlay.options());
        }
        mount(json, "/proc", "proc", "proc", List.of("nosuid", "noexec", "nodev"));
        mount(json, "/dev", "tmpfs", "tmpfs", List.of("nosuid", "strictatime", "mode=755", "size=65536k"));
        mount(
                json,
                "/dev/pts",
                "devpts",
                "devpts",
                List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"));
        mount(json, "/dev/shm", "tmpfs", "shm", List.of("nosuid", "noexec", "nodev", "mode=1777"));
        mount(json, "/dev/mqueue", "mqueue", "mqueue", List.of("nosuid", "noexec", "nodev"));
        mount(json, "/sys", "none", "/sys", List.of("rbind", "ro", "nosuid", "noexec", "nodev"));
        for (Bind bind : binds) {
            mount(json, bind.destination().toString(), "bind", bind.source().toString(), options(bind, hostMounts));
        }
        json.writeEndArray();
        json.writeObjectFieldStart("linux");
        RuntimeSpec.mapping(json, "uidMappings", ids.uid());
        RuntimeSpec.mapping(json, "gidMappings", ids.gid());
        json.writeArrayFieldStart("namespaces");
        for (String type : List.of("user", "mount", "pid", "ipc", "uts")) {
            json.writeStartObject();
            json.writeStringField("type", type);
            json.writeEndObject();
        }
        json.writeEndArray();
        RuntimeSpec.strings(json, "maskedPaths", MASKED);
        RuntimeSpec.strings(json, "readonlyPaths", READ_ONLY);
        json.writeEndObject();
    }

    /** The flags are those of what a link leads to. */
    static List<String> options(Bind bind, HostMounts hostMounts) {
        Path source = real(bind.source());
        List<String> options = new ArrayList<>();
        options.add(bind.recursive() && hostMounts.hasMountBelow(source) ? "rbind" : "bind");
        if (bind.readOnly()) {
            options.add("ro");
            options.addAll(hostMounts.lockedFlags(source));
        }
        return options;
    }

    static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            // Whether it is there is found out when the container runs.
            return path;
        }
    }

    private static void mount(JsonWriter json, String destination, String type, String source, List<String> options)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("destination", destination);
        json.writeStringField("type", type);
        json.writeStringField("source", source);
        RuntimeSpec.strings(json, "options", options);
        json.writeEndObject();
    }
}
