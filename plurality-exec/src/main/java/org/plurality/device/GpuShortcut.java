// SPDX-License-Identifier: Apache-2.0
package org.plurality.device;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.plurality.bundle.Bind;
import org.plurality.bundle.HostTools;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.host.HostLibraries;
import org.plurality.host.HostParts;
import org.plurality.host.LibraryFolder;
import org.plurality.host.Profile;

/**
 * {@code --nv} and {@code --rocm}: by the CDI specification of the vendor where there is one, else by a profile of the driver's libraries,
 * programs and devices.
 */
public final class GpuShortcut {
    private final CdiRegistry registry;
    private final HostTools tools;
    private final Path scratch;

    /** @param scratch the launch's own node-local directory */
    public GpuShortcut(CdiRegistry registry, HostTools tools, Path scratch) {
        this.registry = registry;
        this.tools = tools;
        this.scratch = scratch;
    }

    /**
     * @param profile of the vendor
     * @param indices of the GPUs that the step may use, or empty for all
     * @param required whether a node that has nothing of the kind is an error; otherwise there is a note
     * @throws PluralityException (OTHER) if something is required and the host has nothing of the kind
     */
    public void apply(Profile profile, List<String> indices, boolean ownDevices, boolean required, HostParts parts)
            throws PluralityException, IOException {
        String kind = profile.first("cdi");
        for (String name : registry.names()) {
            if (name.startsWith(kind + "=")) {
                List<String> wanted = new ArrayList<>();
                for (String index : indices) {
                    if (registry.has(kind + "=" + index)) {
                        wanted.add(kind + "=" + index);
                    }
                }
                // Numbers that the specification does not know, such as MIG's: all, and the variable chooses.
                boolean known = !indices.isEmpty() && wanted.size() == indices.size();
                registry.apply(known ? wanted : List.of(kind + "=all"), new ContainerEdits(parts, ownDevices));
                return;
            }
        }
        HostLibraries host = HostLibraries.read();
        Path inside = HostTools.MOUNT_POINT.resolve(profile.name());
        LibraryFolder folder = new LibraryFolder(
                scratch.resolve("libraries").resolve(profile.name()),
                inside,
                tools.binds(),
                "driver of --" + profile.name());
        for (String pattern : profile.all("libraries")) {
            Map<String, Path> found = new TreeMap<>(host.find(pattern, profile.all("directories")));
            for (Map.Entry<String, Path> library : found.entrySet()) {
                folder.add(library.getKey(), library.getValue());
            }
        }
        boolean lacking =
                !profile.all("requires").isEmpty() && profile.files("requires").isEmpty();
        if (folder.isEmpty() || lacking) {
            String missing = lacking ? profile.first("requires") : profile.first("libraries");
            if (required) {
                throw new PluralityException(
                        FailureKind.OTHER,
                        "cannot bring in GPUs by --" + profile.name() + ": this node has no " + missing,
                        "run where the driver is, or describe it in a profile or a CDI specification");
            }
            parts.notes()
                    .add("'" + profile.name() + "' is set, and this node has no " + missing + ": no GPU is brought in");
            return;
        }
        parts.mounts().addAll(folder.make());
        parts.librariesBehind().add(inside.toString());
        for (Path file : profile.files("files")) {
            parts.mounts().add(new Bind(file.toRealPath(), file, true, true, "driver of --" + profile.name()));
        }
        if (ownDevices) {
            for (Path device : chosen(profile.files("devices"), indices)) {
                parts.mounts().add(new Bind(device, device, false, true, "device"));
            }
        }
        parts.variables().addAll(profile.all("environment"));
    }

    /** Of numbered devices those with the step's numbers; all others. */
    private static List<Path> chosen(List<Path> devices, List<String> indices) {
        List<Path> chosen = new ArrayList<>();
        for (Path device : devices) {
            String name = device.getFileName().toString();
            int digits = name.length();
            while (digits > 0 && Character.isDigit(name.charAt(digits - 1))) {
                digits--;
            }
            boolean numbered =
                    digits < name.length() && name.substring(0, digits).equals("nvidia");
            if (!numbered || indices.isEmpty() || indices.contains(name.substring(digits))) {
                chosen.add(device);
            }
        }
        return chosen;
    }

    /**
     * The numbers of the GPUs that a step may use on this node; none when the scheduler does not say, or ranks are told different ones.
     *
     * @param visible the vendor's variable, {@code CUDA_VISIBLE_DEVICES}
     */
    public static List<String> indices(Map<String, String> environment, String visible) {
        String step = environment.getOrDefault("SLURM_STEP_GPUS", "");
        boolean alone = !environment.containsKey("SLURM_STEP_ID")
                && !environment.containsKey("OMPI_COMM_WORLD_LOCAL_SIZE")
                && !environment.containsKey("MPI_LOCALNRANKS");
        String list = step.isEmpty() && alone ? environment.getOrDefault(visible, "") : step;
        List<String> indices = new ArrayList<>();
        for (String index : list.split(",", -1)) {
            if (!index.isBlank()) {
                indices.add(index.strip());
            }
        }
        return indices;
    }
}
