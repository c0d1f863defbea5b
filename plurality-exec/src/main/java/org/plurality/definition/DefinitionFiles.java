// SPDX-License-Identifier: Apache-2.0
package org.plurality.definition;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.plurality.config.TomlSubset;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/** Finds definition files by path, or by name in a list of directories, and reads them with their {@code base_environment}s. */
public final class DefinitionFiles {
    private static final int MAX_DEPTH = 10;
    private static final int MAX_BYTES = 1 << 20;
    private static final List<String> KEYS =
            List.of("base_environment", "image", "mounts", "workdir", "entrypoint", "writable", "devices");

    private final List<Path> directories;
    private final Map<String, String> environment;
    private final Set<String> withheld;

    /**
     * @param directories in which names are looked for, in order
     * @param environment for {@code ${NAME}} in values
     * @param withheld names in it whose values are not for all who get the definition's
     */
    public DefinitionFiles(List<Path> directories, Map<String, String> environment, Set<String> withheld) {
        this.directories = List.copyOf(directories);
        this.environment = Map.copyOf(environment);
        this.withheld = Set.copyOf(withheld);
    }

    /**
     * @param name a name, with or without {@code .toml}, or a path, which has a slash in it
     * @throws PluralityException (USAGE) when there is none, or one is not understood
     */
    public Definition read(String name) throws PluralityException {
        return read(name, 0);
    }

    private Definition read(String name, int depth) throws PluralityException {
        Path file = find(name);
        if (depth >= MAX_DEPTH) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot use the definition " + file + ": more than " + MAX_DEPTH + " are based on each other",
                    "look for a circle of base_environment");
        }
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new IOException("it has more than " + MAX_BYTES + " bytes");
            }
            Map<String, List<String>> values = TomlSubset.parseTables(Files.readString(file, StandardCharsets.UTF_8));
            Definition definition = Definition.EMPTY;
            for (String base : values.getOrDefault("base_environment", List.of())) {
                definition = definition.with(read(base, depth + 1));
            }
            return definition.with(of(values));
        } catch (IOException e) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot use the definition " + file + ": " + PluralityException.reasonOf(e),
                    "mend that file; docs/user.md says what it may hold",
                    e);
        }
    }

    private Path find(String name) throws PluralityException {
        if (name.indexOf('/') >= 0) {
            Path file = Path.of(name).toAbsolutePath();
            if (Files.isRegularFile(file)) {
                return file;
            }
        } else {
            String fileName = name.endsWith(".toml") ? name : name + ".toml";
            for (Path directory : directories) {
                if (Files.isRegularFile(directory.resolve(fileName))) {
                    return directory.resolve(fileName);
                }
            }
        }
        StringBuilder searched = new StringBuilder();
        for (Path directory : directories) {
            searched.append(searched.isEmpty() ? "" : ", ").append(directory);
        }
        throw new PluralityException(
                FailureKind.USAGE,
                "cannot find the definition " + name + (name.indexOf('/') >= 0 ? "" : " in " + searched),
                "give its path, or set EDF_PATH to the directories that have it");
    }

    private Definition of(Map<String, List<String>> values) throws IOException {
        Map<String, String> variables = new LinkedHashMap<>();
        Map<String, String> annotations = new LinkedHashMap<>();
        for (Map.Entry<String, List<String>> value : values.entrySet()) {
            String key = value.getKey();
            if (key.startsWith("env.")) {
                variables.put(key.substring("env.".length()), expand(single(key, value.getValue())));
            } else if (key.startsWith("annotations.")) {
                annotations.put(key.substring("annotations.".length()), expand(single(key, value.getValue())));
            } else if (!KEYS.contains(key)) {
                throw new IOException("unknown key '" + key + "'; there are " + String.join(", ", KEYS)
                        + ", and the tables env and annotations");
            }
        }
        return new Definition(
                image(expand(text(values, "image"))),
                expanded(values.getOrDefault("mounts", List.of())),
                expand(text(values, "workdir")),
                variables,
                flag(values, "entrypoint"),
                flag(values, "writable"),
                expanded(values.getOrDefault("devices", List.of())),
                annotations);
    }

    /** Some write {@code HOST#NAME:TAG}. */
    private static String image(String image) throws IOException {
        if (image.startsWith("/") || image.endsWith(".sqsh") || image.endsWith(".squashfs")) {
            throw new IOException(
                    "its image " + image + " is a file; images have to be staged in, and are named as then");
        }
        return image.replaceFirst("#", "/");
    }

    private static String text(Map<String, List<String>> values, String key) throws IOException {
        return values.containsKey(key) ? single(key, values.get(key)) : "";
    }

    private static String single(String key, List<String> values) throws IOException {
        if (values.size() != 1) {
            throw new IOException("'" + key + "' is a list");
        }
        return values.get(0);
    }

    private static Optional<Boolean> flag(Map<String, List<String>> values, String key) throws IOException {
        if (!values.containsKey(key)) {
            return Optional.empty();
        }
        String value = single(key, values.get(key));
        if (!value.equals("true") && !value.equals("false")) {
            throw new IOException("'" + key + "' is neither true nor false");
        }
        return Optional.of(value.equals("true"));
    }

    private List<String> expanded(List<String> values) throws IOException {
        List<String> expanded = new ArrayList<>();
        for (String value : values) {
            expanded.add(expand(value));
        }
        return expanded;
    }

    private String expand(String text) throws IOException {
        return VariableText.expand(text, environment, withheld);
    }
}
