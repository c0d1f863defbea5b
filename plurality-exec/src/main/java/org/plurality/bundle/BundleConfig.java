// SPDX-License-Identifier: Apache-2.0
package org.plurality.bundle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plurality.json.JsonObject;

/**
 * The {@code config.json} of an OCI bundle, whoever wrote it: what is asked of it here, and copies in which some of it is changed. What is not
 * understood stays as it is.
 */
public final class BundleConfig {
    private static final int MAX_BYTES = 4 << 20;

    private final JsonObject document;

    private BundleConfig(JsonObject document) {
        this.document = document;
    }

    /** @throws IOException when it cannot be read or is no OCI configuration; the message says why, without the path */
    public static BundleConfig read(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException("it has more than " + MAX_BYTES + " bytes");
        }
        BundleConfig config = new BundleConfig(JsonObject.parse(Files.readAllBytes(file)));
        for (String member : List.of("ociVersion", "process", "root")) {
            if (!config.document.has(member)) {
                throw new IOException("it has no \"" + member + "\"");
            }
        }
        // Every accessor is tried now, so that a fault is named before anything is started.
        config.root(Path.of("/"));
        config.binds();
        config.overlayLower();
        config.process().strings("env");
        config.arguments();
        config.workDirectory();
        return config;
    }

    private JsonObject process() throws IOException {
        return document.object("process");
    }

    public List<String> arguments() throws IOException {
        return process().strings("args");
    }

    public List<String> environment() throws IOException {
        return process().strings("env");
    }

    public String workDirectory() throws IOException {
        String directory = process().optionalString("cwd");
        if (directory == null || !directory.startsWith("/")) {
            throw new IOException("its \"process\".\"cwd\" is not an absolute path");
        }
        return directory;
    }

    /** The root filesystem on the host. */
    public Path root(Path bundle) throws IOException {
        return bundle.resolve(path(document.object("root").string("path"))).normalize();
    }

    /** Binds of the host's files and directories; mounts of other types are none. */
    public List<Bind> binds() throws IOException {
        List<Bind> binds = new ArrayList<>();
        for (JsonObject mount : document.objects("mounts")) {
            List<String> options = mount.strings("options");
            Path destination = path(mount.string("destination"));
            String source = mount.optionalString("source");
            if (source == null || !(options.contains("bind") || options.contains("rbind"))) {
                continue;
            }
            try {
                binds.add(new Bind(
                        path(source), destination, options.contains("ro"), options.contains("rbind"), "of the bundle"));
            } catch (IllegalArgumentException e) {
                throw new IOException("in \"mounts\", " + e.getMessage(), e);
            }
        }
        return binds;
    }

    /** The image under an overlay on the root, or null when there is none. */
    public @Nullable Path overlayLower() throws IOException {
        return overlayOption("lowerdir=");
    }

    /** The directory that holds what was written over an overlay's image, or null. */
    public @Nullable Path overlayUpper() throws IOException {
        return overlayOption("upperdir=");
    }

    private @Nullable Path overlayOption(String name) throws IOException {
        for (String option : overlayOptions()) {
            if (option.startsWith(name)) {
                return path(option.substring(name.length()));
            }
        }
        return null;
    }

    /** The options of an overlay on the root; empty when there is none. */
    public List<String> overlayOptions() throws IOException {
        for (JsonObject mount : document.objects("mounts")) {
            if (isOverlay(mount)) {
                return mount.strings("options");
            }
        }
        return List.of();
    }

    private static boolean isOverlay(JsonObject mount) throws IOException {
        return "overlay".equals(mount.optionalString("type"))
                && mount.string("destination").equals("/");
    }

    /** Returns a copy for a root on which the overlay is mounted already: runc 1.2 and later refuse a mount on the root. */
    public BundleConfig withoutOverlay() throws IOException {
        List<JsonObject> mounts = new ArrayList<>();
        for (JsonObject mount : document.objects("mounts")) {
            if (!isOverlay(mount)) {
                mounts.add(mount);
            }
        }
        return new BundleConfig(document.with("mounts", mounts));
    }

    public BundleConfig withProcess(
            List<String> arguments, List<String> environment, String workDirectory, boolean terminal)
            throws IOException {
        return new BundleConfig(document.with(
                "process",
                process()
                        .with("terminal", terminal)
                        .with("args", List.copyOf(arguments))
                        .with("env", List.copyOf(environment))
                        .with("cwd", workDirectory)));
    }

    public BundleConfig withRoot(Path root) throws IOException {
        return new BundleConfig(document.with("root", document.object("root").with("path", root.toString())));
    }

    public BundleConfig withBinds(List<Bind> binds, HostMounts hostMounts) throws IOException {
        List<JsonObject> mounts = new ArrayList<>(document.objects("mounts"));
        for (Bind bind : binds) {
            mounts.add(JsonObject.empty()
                    .with("destination", bind.destination().toString())
                    .with("type", "bind")
                    .with("source", bind.source().toString())
                    .with("options", ContainerSpec.options(bind, hostMounts)));
        }
        return new BundleConfig(document.with("mounts", mounts));
    }

    /**
     * Returns a copy whose binds suit this host: their sources without links, with the flags that the kernel locks there, and with what is mounted below them.
     * The bundle may have been made on another host.
     */
    public BundleConfig fittedTo(HostMounts hostMounts) throws IOException {
        BindOptions options = BindOptions.here(hostMounts);
        List<JsonObject> mounts = new ArrayList<>();
        for (JsonObject mount : document.objects("mounts")) {
            String source = mount.optionalString("source");
            List<String> own = mount.strings("options");
            if (source == null
                    || !(own.contains("bind") || own.contains("rbind"))
                    || !path(source).isAbsolute()) {
                mounts.add(mount);
                continue;
            }
            Path real = ContainerSpec.real(path(source));
            mounts.add(mount.with("source", real.toString()).with("options", options.fitted(own, real)));
        }
        return new BundleConfig(document.with("mounts", mounts));
    }

    /** Adds a command of the host that the runtime runs after the container has ended. */
    public BundleConfig withPoststop(List<String> command) throws IOException {
        JsonObject hooks = document.object("hooks");
        List<JsonObject> poststop = new ArrayList<>(hooks.objects("poststop"));
        poststop.add(JsonObject.empty().with("path", command.get(0)).with("args", List.copyOf(command)));
        return new BundleConfig(document.with("hooks", hooks.with("poststop", poststop)));
    }

    public byte[] toJson() throws IOException {
        return JsonObject.write(document::writeMembers);
    }

    private static Path path(String text) throws IOException {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new IOException("a path in it is none", e);
        }
    }
}
