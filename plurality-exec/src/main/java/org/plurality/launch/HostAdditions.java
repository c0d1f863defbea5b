// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.plurality.bundle.Bind;
import org.plurality.bundle.HookFiles;
import org.plurality.bundle.HostTools;
import org.plurality.bundle.RootfsView;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.device.CdiRegistry;
import org.plurality.device.ContainerEdits;
import org.plurality.device.GpuShortcut;
import org.plurality.environment.ImageConfig;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.host.HostLibraries;
import org.plurality.host.HostParts;
import org.plurality.host.Profile;
import org.plurality.mpi.HostMpi;

/** Devices, the host's MPI and hooks. Loaded only by launches that ask for one of them: see {@link #isWanted}. */
final class HostAdditions {
    private final LaunchRequest request;
    private final Map<String, String> environment;

    HostAdditions(LaunchRequest request, Map<String, String> environment) {
        this.request = request;
        this.environment = environment;
    }

    static boolean isWanted(LaunchRequest request) throws PluralityException {
        Settings settings = request.settings();
        return !request.devices().isEmpty()
                || settings.isOn(Key.NV)
                || settings.isOn(Key.ROCM)
                || settings.value(Key.MPI).isPresent()
                || !settings.values(Key.HOOKS_DIRS).isEmpty();
    }

    HostParts gather(ImageConfig config, RootfsView image, HostTools tools, Path scratch)
            throws PluralityException, IOException {
        Settings settings = request.settings();
        HostParts parts = new HostParts();
        boolean ownDevices = settings.isOn(Key.CONTAIN);
        CdiRegistry registry = CdiRegistry.load(request.directories(Key.CDI_DIRS, List.of("/etc/cdi", "/var/run/cdi")));
        List<String> devices = new ArrayList<>();
        for (String device : request.devices()) {
            if (device.startsWith("/")) {
                device(device, ownDevices, parts);
            } else {
                devices.add(device);
            }
        }
        registry.apply(devices, new ContainerEdits(parts, ownDevices));
        Map<String, Profile> profiles = Profile.load(profileDirectories());
        GpuShortcut gpus = new GpuShortcut(registry, tools, scratch);
        if (settings.isOn(Key.NV)) {
            List<String> indices = GpuShortcut.indices(environment, "CUDA_VISIBLE_DEVICES");
            gpus.apply(profile(profiles, "nv"), indices, ownDevices, request.has(Option.NV), parts);
        }
        if (settings.isOn(Key.ROCM)) {
            List<String> indices = GpuShortcut.indices(environment, "ROCR_VISIBLE_DEVICES");
            gpus.apply(profile(profiles, "rocm"), indices, ownDevices, request.has(Option.ROCM), parts);
        }
        switch (settings.value(Key.MPI).orElse("image")) {
            case "image" -> {
                // As it is.
            }
            case "host" ->
                new HostMpi(image, tools, scratch, HostLibraries.read())
                        .apply(profiles, libraryPath(config), ownDevices, parts);
            default ->
                throw new PluralityException(
                        FailureKind.USAGE,
                        "cannot use the MPI '" + settings.value(Key.MPI).orElse("") + "': it is neither image nor host",
                        "check --mpi, PLURALITY_MPI and 'mpi' in plurality.toml");
        }
        String command = request.command().isEmpty() ? "" : request.command().get(0);
        HookFiles.Container container = new HookFiles.Container(
                command, request.annotations(), !request.mounts().wanted().isEmpty());
        parts.hooks().addAll(HookFiles.of(request.directories(Key.HOOKS_DIRS, List.of()), container, parts.notes()));
        return parts;
    }

    /** A device file of the host, which is there anyway unless the container has a {@code /dev} of its own. */
    private static void device(String name, boolean ownDevices, HostParts parts) throws PluralityException {
        Path path = Path.of(name).normalize();
        if (!Files.exists(path)) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot bring in the device " + name + ": it is not on this node",
                    "check --device and 'devices' of the definition");
        }
        if (ownDevices || !path.startsWith("/dev")) {
            parts.mounts().add(new Bind(path, path, false, true, "device"));
        }
    }

    /** Those of the installation, which lie beside our own program, then the site's. */
    private List<Path> profileDirectories() {
        List<Path> directories = new ArrayList<>();
        String program = System.getProperty("java.class.path", "").split(":", -1)[0];
        Path library = Path.of(program).toAbsolutePath().getParent();
        if (library != null) {
            directories.add(library.resolveSibling("etc").resolve("profiles"));
        }
        directories.addAll(request.directories(Key.PROFILE_DIRS, List.of("/etc/plurality/profiles")));
        return directories;
    }

    private static Profile profile(Map<String, Profile> profiles, String name) throws PluralityException {
        Profile profile = profiles.get(name);
        if (profile == null) {
            throw new PluralityException(
                    FailureKind.OTHER,
                    "cannot use --" + name + ": there is no profile " + name + ".toml",
                    "check the installation's etc/profiles, and 'profile_dirs' in plurality.toml");
        }
        return profile;
    }

    private static String libraryPath(ImageConfig config) {
        for (String variable : config.environment()) {
            if (variable.startsWith("LD_LIBRARY_PATH=")) {
                return variable.substring("LD_LIBRARY_PATH=".length());
            }
        }
        return "";
    }
}
