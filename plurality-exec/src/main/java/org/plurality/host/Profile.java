// SPDX-License-Identifier: Apache-2.0
package org.plurality.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.plurality.config.TomlSubset;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/**
 * A file {@code NAME.toml} that says what of a host belongs together: the libraries of a driver, an MPI, a network. Flat: each key has a string
 * or a list of strings. What is not on a node is left out, so one profile serves nodes of several kinds.
 *
 * @param name of the file, without its ending
 * @param values by key, of {@link #KEYS}
 */
public record Profile(String name, Map<String, List<String>> values) {
    /** What a profile may say; docs/configuration.md explains each. */
    private static final Set<String> KEYS = Set.of(
            "kind",
            "requires",
            "cdi",
            "libraries",
            "directories",
            "files",
            "devices",
            "environment",
            "sonames",
            "needs",
            "lacks",
            "plugins",
            "plugins_variable");

    public Profile {
        values = Map.copyOf(values);
    }

    /**
     * The profiles of some directories, by name; one in a later directory takes the place of its namesake.
     *
     * @throws PluralityException (USAGE) when one is not understood
     */
    public static Map<String, Profile> load(List<Path> directories) throws PluralityException {
        Map<String, Profile> profiles = new TreeMap<>();
        for (Path directory : directories) {
            try {
                for (Path file : Glob.files(directory.resolve("*.toml").toString())) {
                    String fileName = file.getFileName().toString();
                    String name = fileName.substring(0, fileName.length() - ".toml".length());
                    profiles.put(name, read(name, file));
                }
            } catch (IOException e) {
                throw PluralityException.storage("cannot read the profiles in " + directory, e);
            }
        }
        return profiles;
    }

    private static Profile read(String name, Path file) throws PluralityException {
        try {
            Map<String, List<String>> values = TomlSubset.parse(Files.readString(file, StandardCharsets.UTF_8));
            for (String key : values.keySet()) {
                if (!KEYS.contains(key)) {
                    throw new IOException("unknown key '" + key + "'");
                }
            }
            return new Profile(name, values);
        } catch (IOException e) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot use the profile " + file + ": " + PluralityException.reasonOf(e),
                    "mend that file; docs/configuration.md says what it may hold",
                    e);
        }
    }

    public List<String> all(String key) {
        return values.getOrDefault(key, List.of());
    }

    /** The files of this node that fit a path, whose last name may have stars; sorted. */
    public static List<Path> matching(String pattern) throws IOException {
        return Glob.files(pattern);
    }

    /** The files of this node that the values stand for, which may have stars in their last name. */
    public List<Path> files(String key) throws IOException {
        List<Path> files = new ArrayList<>();
        for (String pattern : all(key)) {
            files.addAll(Glob.files(pattern));
        }
        return files;
    }

    /** The first value, or an empty string. */
    public String first(String key) {
        List<String> all = all(key);
        return all.isEmpty() ? "" : all.get(0);
    }

    public static List<Profile> ofKind(Map<String, Profile> profiles, String kind) {
        List<Profile> fitting = new ArrayList<>();
        for (Profile profile : profiles.values()) {
            if (profile.first("kind").equals(kind)) {
                fitting.add(profile);
            }
        }
        return fitting;
    }
}
