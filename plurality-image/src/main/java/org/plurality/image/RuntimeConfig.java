// SPDX-License-Identifier: Apache-2.0
package org.plurality.image;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.plurality.document.Documents;

/**
 * What an image's configuration says to a runtime, whichever tool wrote it down: Docker's form and that of the OCI
 * image specification, with members in any order and empty ones left out or not, give equal ones.
 *
 * @param texts {@code os}, {@code architecture}, {@code variant}, {@code User}, {@code WorkingDir}, {@code StopSignal},
 *     when not empty
 * @param lists {@code Env}, {@code Entrypoint}, {@code Cmd}, when not empty
 * @param labels by name
 * @param sets names of {@code ExposedPorts} and {@code Volumes}
 */
public record RuntimeConfig(
        Map<String, String> texts,
        Map<String, List<String>> lists,
        Map<String, String> labels,
        Map<String, List<String>> sets) {
    public RuntimeConfig {
        texts = Map.copyOf(texts);
        lists = Map.copyOf(lists);
        labels = Map.copyOf(labels);
        sets = Map.copyOf(sets);
    }

    /** @throws IOException when it is no image's configuration; the message says why */
    public static RuntimeConfig parse(byte[] bytes) throws IOException {
        ImageDocument document = Documents.read(bytes, ImageDocument.class);
        ImageDocument.Config config = document.configOrEmpty();
        Map<String, String> texts = new TreeMap<>();
        put(texts, "os", document.os());
        put(texts, "architecture", document.architecture());
        put(texts, "variant", document.variant());
        put(texts, "User", config.user());
        put(texts, "WorkingDir", config.workingDir());
        put(texts, "StopSignal", config.stopSignal());
        Map<String, List<String>> lists = new TreeMap<>();
        putList(lists, "Env", config.env());
        putList(lists, "Entrypoint", config.entrypoint());
        putList(lists, "Cmd", config.cmd());
        Map<String, String> labels = new TreeMap<>();
        for (Map.Entry<?, ?> label : members("Labels", config.labels()).entrySet()) {
            if (!(label.getValue() instanceof String text)) {
                throw new IOException("a label is not a string");
            }
            labels.put(String.valueOf(label.getKey()), text);
        }
        Map<String, List<String>> sets = new TreeMap<>();
        putList(sets, "ExposedPorts", names(members("ExposedPorts", config.exposedPorts())));
        putList(sets, "Volumes", names(members("Volumes", config.volumes())));
        return new RuntimeConfig(texts, lists, labels, sets);
    }

    private static Map<?, ?> members(String name, @Nullable Object value) throws IOException {
        return switch (value) {
            case null -> Map.of();
            case Map<?, ?> members -> members;
            default -> throw new IOException("\"" + name + "\" is not an object");
        };
    }

    private static List<String> names(Map<?, ?> members) {
        return members.keySet().stream().map(String::valueOf).sorted().toList();
    }

    private static void putList(Map<String, List<String>> lists, String name, @Nullable List<String> values) {
        if (values != null && !values.isEmpty()) {
            lists.put(name, List.copyOf(values));
        }
    }

    private static void put(Map<String, String> texts, String name, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            texts.put(name, value);
        }
    }
}
