// SPDX-License-Identifier: Apache-2.0
package org.plurality.device;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.plurality.bundle.Bind;
import org.plurality.bundle.Hook;
import org.plurality.host.ElfFile;
import org.plurality.host.HostParts;
import org.plurality.json.JsonObject;

/**
 * The {@code containerEdits} of CDI specifications, as parts of a launch.
 *
 * <p>Device nodes become binds, because users cannot make devices. The image is read-only, so hooks that would write into it are not run: what
 * {@code update-ldcache} and {@code create-symlinks} of NVIDIA's tool are for is done by binds and library directories instead.
 */
public final class ContainerEdits {
    private static final Path DEV = Path.of("/dev");
    private static final List<String> EDITS = List.of("env", "deviceNodes", "mounts", "hooks");

    /** Options of mounts that hold here in any case, or are honoured. */
    private static final List<String> OPTIONS =
            List.of("ro", "rw", "bind", "rbind", "nosuid", "nodev", "private", "rprivate", "slave", "rslave");

    private final HostParts parts;
    private final boolean ownDevices;

    /** Container path to host path of what was brought in so far. */
    private final Map<Path, Path> files = new LinkedHashMap<>();

    /** @param ownDevices whether {@code /dev} is the container's own; otherwise it is the host's, with all of its devices */
    public ContainerEdits(HostParts parts, boolean ownDevices) {
        this.parts = parts;
        this.ownDevices = ownDevices;
    }

    /** @throws IOException when they are not understood, or something is not on this node */
    void apply(JsonObject edits) throws IOException {
        for (String variable : edits.strings("env")) {
            if (variable.indexOf('=') <= 0) {
                throw new IOException("its variable '" + variable + "' is not NAME=VALUE");
            }
            parts.variables().add(variable);
        }
        for (JsonObject node : edits.objects("deviceNodes")) {
            Path inside = absolute(node.string("path"));
            String hostPath = node.optionalString("hostPath");
            device(hostPath == null || hostPath.isEmpty() ? inside : absolute(hostPath), inside);
        }
        for (JsonObject mount : edits.objects("mounts")) {
            mount(
                    absolute(mount.string("hostPath")),
                    absolute(mount.string("containerPath")),
                    mount.strings("options"));
        }
        for (JsonObject hook : edits.objects("hooks")) {
            hook(hook);
        }
        for (String member : edits.names()) {
            if (!EDITS.contains(member)) {
                parts.notes().add("'" + member + "' of a CDI device has no effect here");
            }
        }
    }

    private void device(Path onHost, Path inside) throws IOException {
        if (!Files.exists(onHost)) {
            throw new IOException("there is no " + onHost + " on this node");
        }
        if (inside.startsWith(DEV) && !ownDevices) {
            if (!onHost.equals(inside)) {
                throw new IOException("/dev is the host's, and has " + onHost + " where it wants " + inside
                        + "; --contain gives an own one");
            }
            return;
        }
        parts.mounts().add(new Bind(onHost, inside, false, false, "device"));
    }

    private void mount(Path onHost, Path inside, List<String> options) throws IOException {
        if (!Files.exists(onHost)) {
            throw new IOException("there is no " + onHost + " on this node");
        }
        for (String option : options) {
            if (!OPTIONS.contains(option)) {
                parts.notes()
                        .add("the mount option '" + option + "' of a CDI device at " + inside + " has no effect here");
            }
        }
        boolean readOnly = options.contains("ro");
        parts.mounts().add(new Bind(onHost, inside, readOnly, options.contains("rbind"), "CDI device"));
        files.put(inside, onHost);
        // Programs look for a library's soname, for which ldconfig would make a link.
        String name = inside.getFileName().toString();
        if (name.startsWith("lib") && name.contains(".so") && Files.isRegularFile(onHost)) {
            String soname = soname(onHost);
            Path alias = inside.resolveSibling(soname);
            if (!soname.isEmpty() && soname.indexOf('/') < 0 && files.putIfAbsent(alias, onHost) == null) {
                parts.mounts().add(new Bind(onHost, alias, readOnly, false, "CDI device"));
            }
        }
    }

    private static String soname(Path library) {
        try {
            return ElfFile.read(library).soname().orElse("");
        } catch (IOException e) {
            return ""; // Then it is not what its name says, and nobody links to it.
        }
    }

    private void hook(JsonObject hook) throws IOException {
        List<String> arguments = hook.strings("args");
        String path = hook.string("path");
        String program = Path.of(path).getFileName().toString();
        String task = arguments.size() > 1
                ? arguments.get(1).equals("hook") && arguments.size() > 2 ? arguments.get(2) : arguments.get(1)
                : "";
        if (program.equals("nvidia-cdi-hook") || program.equals("nvidia-ctk")) {
            switch (task) {
                case "update-ldcache" -> {
                    parts.librariesBehind().addAll(values(arguments, "--folder"));
                    return;
                }
                case "create-symlinks" -> {
                    for (String link : values(arguments, "--link")) {
                        link(link);
                    }
                    return;
                }
                case "chmod", "enable-cuda-compat", "disable-device-node-modification" -> {
                    return;
                }
                default -> {
                    // It would write into the root, which is read-only, and the launch would fail with it.
                    parts.notes()
                            .add("the hook '" + task + "' of " + program
                                    + " is not known and was left out; bind what it"
                                    + " would write if the program needs that");
                    return;
                }
            }
        }
        String stage = hook.string("hookName");
        if (!Hook.STAGES.contains(stage)) {
            parts.notes()
                    .add("the hook " + path + " of a device is for " + stage
                            + ", which containers of ours do not reach");
            return;
        }
        List<String> environment = hook.strings("env");
        parts.hooks()
                .add(new Hook(
                        stage,
                        path,
                        arguments.isEmpty() ? List.of(path) : arguments,
                        environment.isEmpty() ? Hook.PLAIN_ENVIRONMENT : environment,
                        hook.has("timeout") ? hook.number("timeout") : 0));
    }

    /** {@code TARGET::LINK}: the link's name shows the same file. */
    private void link(String link) {
        int between = link.indexOf("::");
        if (between <= 0 || !link.startsWith("/", between + 2)) {
            return;
        }
        Path inside = Path.of(link.substring(between + 2)).normalize();
        Path target = inside.resolveSibling(link.substring(0, between)).normalize();
        Path onHost = files.get(target);
        if (onHost != null && files.putIfAbsent(inside, onHost) == null) {
            parts.mounts().add(new Bind(onHost, inside, true, false, "CDI device"));
        }
    }

    private static List<String> values(List<String> arguments, String option) {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.equals(option) && i + 1 < arguments.size()) {
                values.add(arguments.get(i + 1));
            } else if (argument.startsWith(option + "=")) {
                values.add(argument.substring(option.length() + 1));
            }
        }
        return values;
    }

    private static Path absolute(String path) throws IOException {
        if (!path.startsWith("/")) {
            throw new IOException("its path '" + path + "' is not absolute");
        }
        return Path.of(path).normalize();
    }
}
