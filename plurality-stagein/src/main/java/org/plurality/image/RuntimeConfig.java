package org.plurality.image;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.plurality.json.JsonObject;

/**
 * What an image's configuration says to a runtime, whichever tool wrote it down: Docker's form and that of the OCI image specification, with
 * members in any order and empty ones left out or not, give equal ones.
 *
 * @param texts {@code os}, {@code architecture}, {@code variant}, {@code User}, {@code WorkingDir}, {@code StopSignal}, when not empty
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
        JsonObject json = JsonObject.parse(bytes);
        JsonObject config = json.object("config");
        Map<String, String> texts = new TreeMap<>();
        for (String name : List.of("os", "architecture", "variant")) {
            put(texts, name, json.optionalString(name));
        }
        for (String name : List.of("User", "WorkingDir", "StopSignal")) {
            put(texts, name, config.optionalString(name));
        }
        Map<String, List<String>> lists = new TreeMap<>();
        for (String name : List.of("Env", "Entrypoint", "Cmd")) {
            List<String> values = config.strings(name);
            if (!values.isEmpty()) {
                lists.put(name, List.copyOf(values));
            }
        }
        Map<String, String> labels = new TreeMap<>();
        JsonObject given = config.object("Labels");
        for (String name : given.names()) {
            labels.put(name, given.string(name));
        }
        Map<String, List<String>> sets = new TreeMap<>();
        for (String name : List.of("ExposedPorts", "Volumes")) {
            List<String> names = List.copyOf(new TreeSet<>(config.object(name).names()));
            if (!names.isEmpty()) {
                sets.put(name, names);
            }
        }
        return new RuntimeConfig(texts, lists, labels, sets);
    }

    private static void put(Map<String, String> texts, String name, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            texts.put(name, value);
        }
    }
}
