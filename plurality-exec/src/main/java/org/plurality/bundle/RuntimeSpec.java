// SPDX-License-Identifier: Apache-2.0
package org.plurality.bundle;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plurality.json.JsonObject;
import org.plurality.json.JsonWriter;

/**
 * {@code config.json} of an OCI bundle: a pure function of its parts, the only place that spells the runtime specification.
 *
 * <p>User and mount namespaces only; processes, network and IPC are the host's, as MPI expects. Container uid 0 is the user, because stock
 * runc insists that it is mapped; a second user namespace inside gives the rank its own uid. No cgroup path and no limits: the scheduler's
 * cgroup holds the job already.
 *
 * @param arguments of the process, which is made and not started; absolute program first
 * @param plan root and mounts
 * @param ids of the user, or null when the runtime is started in a user namespace as its root
 * @param writable whether the root may be written to
 * @param ownProcesses whether there is a process namespace
 * @param hooks programs of the host, in order
 */
public record RuntimeSpec(
        List<String> arguments,
        MountPlan plan,
        @Nullable UserIds ids,
        boolean writable,
        boolean ownProcesses,
        List<Hook> hooks)
        implements JsonObject.Members {
    /** A program that every container has: the runtime looks whether it is there, and never starts it. */
    public static final String NEVER_STARTED = "/proc/self/exe";

    public RuntimeSpec {
        arguments = List.copyOf(arguments);
        hooks = List.copyOf(hooks);
    }

    /** What {@link #toJson} writes, as text. */
    public String text() throws IOException {
        return new String(toJson(), StandardCharsets.UTF_8);
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
        strings(json, "args", arguments);
        strings(json, "env", List.of());
        json.writeStringField("cwd", "/");
        // Enough to map the user back in a second namespace, where exec drops it: Linux asks for it since 5.12.
        json.writeObjectFieldStart("capabilities");
        for (String set : List.of("bounding", "effective", "permitted")) {
            strings(json, set, List.of("CAP_SETFCAP"));
        }
        json.writeEndObject();
        json.writeBooleanField("noNewPrivileges", true);
        json.writeEndObject();
        json.writeObjectFieldStart("root");
        json.writeStringField("path", plan.root().toString());
        json.writeBooleanField("readonly", !writable);
        json.writeEndObject();
        json.writeArrayFieldStart("mounts");
        for (MountPlan.Mount mount : plan.mounts()) {
            json.writeStartObject();
            json.writeStringField("destination", mount.destination().toString());
            json.writeStringField("type", mount.type());
            json.writeStringField("source", mount.source().toString());
            strings(json, "options", mount.options());
            json.writeEndObject();
        }
        json.writeEndArray();
        writeHooks(json);
        json.writeObjectFieldStart("linux");
        if (ids != null) {
            mapping(json, "uidMappings", ids.uid());
            mapping(json, "gidMappings", ids.gid());
        }
        json.writeArrayFieldStart("namespaces");
        if (ids != null) {
            namespace(json, "user");
        }
        namespace(json, "mount");
        if (ownProcesses) {
            namespace(json, "pid");
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private void writeHooks(JsonWriter json) throws IOException {
        if (hooks.isEmpty()) {
            return;
        }
        json.writeObjectFieldStart("hooks");
        for (String stage : Hook.STAGES) {
            json.writeArrayFieldStart(stage);
            for (Hook hook : hooks) {
                if (hook.stage().equals(stage)) {
                    json.writeStartObject();
                    json.writeStringField("path", hook.path());
                    strings(json, "args", hook.arguments());
                    strings(json, "env", hook.environment());
                    if (hook.timeoutSeconds() > 0) {
                        json.writeNumberField("timeout", hook.timeoutSeconds());
                    }
                    json.writeEndObject();
                }
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private static void namespace(JsonWriter json, String type) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", type);
        json.writeEndObject();
    }

    static void mapping(JsonWriter json, String name, long hostId) throws IOException {
        json.writeArrayFieldStart(name);
        json.writeStartObject();
        json.writeNumberField("containerID", 0);
        json.writeNumberField("hostID", hostId);
        json.writeNumberField("size", 1);
        json.writeEndObject();
        json.writeEndArray();
    }

    static void strings(JsonWriter json, String name, List<String> values) throws IOException {
        json.writeArrayFieldStart(name);
        for (String value : values) {
            json.writeString(value);
        }
        json.writeEndArray();
    }
}
