// SPDX-License-Identifier: Apache-2.0
package org.plurality.device;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.json.JsonObject;

/** The devices that specifications in some directories describe. A device in a later directory hides its namesake in an earlier one. */
public final class CdiRegistry {
    private final List<Path> directories;
    private final Map<String, CdiSpec> devices = new TreeMap<>();
    /** Devices that two files of one directory describe. */
    private final Map<String, String> ambiguous = new TreeMap<>();

    private final List<String> problems = new ArrayList<>();

    private CdiRegistry(List<Path> directories) {
        this.directories = List.copyOf(directories);
    }

    /** Files that cannot be used hide their own devices only; an error about one that is not found names them. */
    public static CdiRegistry load(List<Path> directories) {
        CdiRegistry registry = new CdiRegistry(directories);
        for (Path directory : directories) {
            Map<String, CdiSpec> found = new TreeMap<>();
            for (Path file : registry.files(directory)) {
                try {
                    CdiSpec spec = read(file);
                    for (String device : spec.devices().keySet()) {
                        CdiSpec other = found.putIfAbsent(spec.kind() + "=" + device, spec);
                        if (other != null) {
                            String name = spec.kind() + "=" + device;
                            registry.ambiguous.put(name, other.file() + " and " + file);
                            registry.problems.add(file + " describes " + name + " as " + other.file() + " does");
                        }
                    }
                } catch (IOException e) {
                    registry.problems.add(file + ": " + PluralityException.reasonOf(e));
                }
            }
            // A later directory decides.
            for (String name : found.keySet()) {
                if (!registry.ambiguous.getOrDefault(name, "").contains(directory + "/")) {
                    registry.ambiguous.remove(name);
                }
            }
            registry.devices.putAll(found);
        }
        return registry;
    }

    private List<Path> files(Path directory) {
        List<Path> files = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> children = Files.newDirectoryStream(directory, "*.{json,yaml,yml}")) {
                for (Path child : children) {
                    files.add(child);
                }
            } catch (IOException e) {
                problems.add(directory + ": " + PluralityException.reasonOf(e));
            }
        }
        files.sort(null);
        return files;
    }

    private static CdiSpec read(Path file) throws IOException {
        if (Files.size(file) > JsonObject.MAX_BYTES) {
            throw new IOException("it has more than " + JsonObject.MAX_BYTES + " bytes");
        }
        byte[] bytes = Files.readAllBytes(file);
        JsonObject document = file.toString().endsWith(".json")
                ? JsonObject.parse(bytes)
                : YamlDocument.parse(new String(bytes, StandardCharsets.UTF_8));
        return CdiSpec.of(file, document);
    }

    public boolean has(String name) {
        return devices.containsKey(name);
    }

    /** The names of all devices, sorted. */
    public Set<String> names() {
        return new TreeSet<>(devices.keySet());
    }

    /**
     * Applies what the named devices ask for; common edits of a specification once.
     *
     * @param names {@code vendor/class=device}; {@code all} is all of a kind when no device has that name
     * @throws PluralityException (USAGE) when there is no such device, with those that there are; (OTHER) when its edits cannot be made
     */
    public void apply(List<String> names, ContainerEdits edits) throws PluralityException {
        Set<String> wanted = new LinkedHashSet<>();
        for (String name : names) {
            wanted.addAll(expand(name));
        }
        Set<CdiSpec> begun = new LinkedHashSet<>();
        for (String name : wanted) {
            CdiSpec spec = devices.get(name);
            if (spec == null) {
                throw unknown(name);
            }
            String files = ambiguous.get(name);
            if (files != null) {
                throw new PluralityException(
                        FailureKind.OTHER,
                        "cannot bring in " + name + ": both " + files + " describe it",
                        "remove one of the two, or describe it in a directory of higher rank");
            }
            try {
                if (begun.add(spec)) {
                    edits.apply(spec.common());
                }
                JsonObject own = spec.devices().get(name.substring(name.indexOf('=') + 1));
                if (own != null) {
                    edits.apply(own);
                }
            } catch (IOException | IllegalArgumentException e) {
                throw new PluralityException(
                        FailureKind.OTHER,
                        "cannot bring in " + name + ": " + e.getMessage(),
                        "check " + spec.file() + ", which describes it",
                        e);
            }
        }
    }

    private List<String> expand(String name) throws PluralityException {
        if (!name.endsWith("=all") || devices.containsKey(name)) {
            return List.of(name);
        }
        List<String> all = new ArrayList<>();
        String kind = name.substring(0, name.length() - "all".length());
        for (String device : devices.keySet()) {
            if (device.startsWith(kind)) {
                all.add(device);
            }
        }
        if (all.isEmpty()) {
            throw unknown(name);
        }
        return all;
    }

    private PluralityException unknown(String name) {
        StringBuilder directoryNames = new StringBuilder();
        for (Path directory : directories) {
            directoryNames.append(directoryNames.isEmpty() ? "" : " or ").append(directory);
        }
        String known = devices.isEmpty()
                ? "no specification in " + directoryNames + " describes any device"
                : "there are " + String.join(", ", devices.keySet());
        String unread = problems.isEmpty() ? "" : "; not used: " + String.join("; ", problems);
        return new PluralityException(
                FailureKind.USAGE,
                "cannot bring in the device " + name + ": " + known + unread,
                "write --device VENDOR/CLASS=NAME; specifications are read from " + directoryNames
                        + " ('cdi_dirs' in plurality.toml)");
    }
}
