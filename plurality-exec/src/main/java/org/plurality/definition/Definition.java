// SPDX-License-Identifier: Apache-2.0
package org.plurality.definition;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An environment definition file with all that it is based on.
 *
 * @param image reference, or empty when none is named
 * @param mounts {@code SOURCE:DESTINATION[:ro|rw]} each
 * @param workDirectory where programs start, or empty
 * @param variables of the program
 * @param entrypoint whether the image's entrypoint runs the command
 * @param writable whether the image may be written to
 * @param devices CDI names
 * @param annotations for hooks
 */
public record Definition(
        String image,
        List<String> mounts,
        String workDirectory,
        Map<String, String> variables,
        Optional<Boolean> entrypoint,
        Optional<Boolean> writable,
        List<String> devices,
        Map<String, String> annotations) {
    public static final Definition EMPTY =
            new Definition("", List.of(), "", Map.of(), Optional.empty(), Optional.empty(), List.of(), Map.of());

    public Definition {
        mounts = List.copyOf(mounts);
        variables = Map.copyOf(variables);
        devices = List.copyOf(devices);
        annotations = Map.copyOf(annotations);
    }

    /** This one with another on top: lists and tables grow, single values are replaced. */
    Definition with(Definition other) {
        return new Definition(
                other.image.isEmpty() ? image : other.image,
                joined(mounts, other.mounts),
                other.workDirectory.isEmpty() ? workDirectory : other.workDirectory,
                merged(variables, other.variables),
                other.entrypoint.or(() -> entrypoint),
                other.writable.or(() -> writable),
                joined(devices, other.devices),
                merged(annotations, other.annotations));
    }

    private static List<String> joined(List<String> first, List<String> second) {
        List<String> all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }

    private static Map<String, String> merged(Map<String, String> first, Map<String, String> second) {
        Map<String, String> all = new LinkedHashMap<>(first);
        all.putAll(second);
        return all;
    }
}
