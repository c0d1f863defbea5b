// SPDX-License-Identifier: Apache-2.0
package org.plurality.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.reference.Platform;

/**
 * The settings of one run. A flag overrides the environment, the environment overrides the user's file, and the
 * user's file overrides the site's. A file that does not exist sets nothing. Unknown keys are errors; one error names
 * all unknown keys of a file.
 */
public final class Settings {
    private static final String SITE_FILE = "/etc/plurality/plurality.toml";
    private static final String KEYS = "'man plurality.toml' lists the keys";

    private final Map<String, String> environment;
    private final Map<Key, List<String>> flags = new EnumMap<>(Key.class);
    private final Map<Key, List<String>> fromEnvironment = new EnumMap<>(Key.class);
    private final List<Map<Key, List<String>>> files = new ArrayList<>();
    private final Set<Key> fixedKeys = EnumSet.noneOf(Key.class);
    private final List<String> notes = new ArrayList<>();
    private Path siteFile = Path.of(SITE_FILE);

    private Settings(Map<String, String> environment) {
        this.environment = environment;
    }

    /**
     * Loads the settings. If the system property {@code plurality.site} names a file, it replaces the site's file:
     * {@code make-caches} uses this so that its trial runs never reach the site's cache.
     *
     * @param environment the process's environment
     * @throws PluralityException (USAGE) if a file cannot be parsed
     */
    public static Settings load(Map<String, String> environment) throws PluralityException {
        String home = environment.getOrDefault("HOME", "/");
        String configHome = environment.get("XDG_CONFIG_HOME");
        Path userFile = (isBlank(configHome) ? Path.of(home, ".config") : Path.of(configHome))
                .resolve("plurality")
                .resolve("plurality.toml");
        return load(environment, List.of(userFile, Path.of(System.getProperty("plurality.site", SITE_FILE))));
    }

    /** @param files the settings files; earlier files override later ones */
    static Settings load(Map<String, String> environment, List<Path> files) throws PluralityException {
        return load(environment, files, GoneKey.ALL);
    }

    /** @param gone keys of earlier versions; the error for such a key names its replacement */
    static Settings load(Map<String, String> environment, List<Path> files, List<GoneKey> gone)
            throws PluralityException {
        Settings settings = new Settings(environment);
        for (GoneKey key : gone) {
            if (!isBlank(environment.get(key.environmentName()))) {
                throw new PluralityException(
                        FailureKind.USAGE,
                        "cannot use " + key.environmentName() + ": it " + key.explanation(),
                        "unset " + key.environmentName() + "; " + KEYS);
            }
        }
        for (Key key : Key.values()) {
            String value = environment.get(key.environmentName());
            if (value != null && !value.isBlank()) {
                settings.fromEnvironment.put(key, key.isList() ? split(value, key.separator()) : List.of(value));
            }
        }
        for (int i = 0; i < files.size(); i++) {
            boolean site = i == files.size() - 1;
            settings.files.add(!site && settings.isClosed(files.get(i)) ? Map.of() : read(files.get(i), gone));
        }
        if (!files.isEmpty()) {
            settings.siteFile = files.get(files.size() - 1);
            settings.fix(gone);
        }
        return settings;
    }

    /**
     * Returns whether the user's file cannot be reached: an unreadable home, as after the end of a Kerberos ticket or
     * where root is squashed, does not keep programs from running.
     */
    private boolean isClosed(Path file) {
        Path directory = file.getParent();
        if (directory == null || Files.isExecutable(directory) || Files.exists(file)) {
            return false;
        }
        try {
            return !directory.toRealPath().isAbsolute();
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            notes.add("your settings are not used: cannot read " + file + ": " + PluralityException.reasonOf(e));
            return true;
        }
    }

    /** Returns what the user should know about the settings, a line each. */
    public List<String> notes() {
        return List.copyOf(notes);
    }

    /** Site-only keys, and keys that the site's file locks, are taken from the site's file alone. */
    private void fix(List<GoneKey> gone) throws PluralityException {
        Map<Key, List<String>> site = files.get(files.size() - 1);
        Set<Key> fixed = EnumSet.noneOf(Key.class);
        for (String name : site.getOrDefault(Key.FIXED, List.of())) {
            Key key = Key.of(name);
            if (key == null) {
                throw new PluralityException(
                        FailureKind.USAGE,
                        "cannot use " + siteFile + ": in 'fixed', " + unknown(name, gone),
                        "mend that file; " + KEYS);
            }
            fixed.add(key);
        }
        for (Key key : Key.values()) {
            if (key.isSites()) {
                fixed.add(key);
            }
        }
        for (Key key : fixed) {
            if (fromEnvironment.containsKey(key)) {
                throw fixedBySite(key, "leave " + key.environmentName() + " away");
            }
            for (int i = 0; i < files.size() - 1; i++) {
                if (files.get(i).containsKey(key)) {
                    throw fixedBySite(key, "take '" + key.key() + "' out of your plurality.toml");
                }
            }
        }
        fixedKeys.addAll(fixed);
    }

    private PluralityException fixedBySite(Key key, String hint) {
        return new PluralityException(
                FailureKind.USAGE, "cannot set " + key.key() + ": only the site does, in " + siteFile, hint);
    }

    /** @throws PluralityException (USAGE) if an option sets a key that only the site's file may set */
    public void checkFlag(Key key) throws PluralityException {
        if (fixedKeys.contains(key)) {
            throw fixedBySite(key, "leave the option away");
        }
    }

    /**
     * Sets a key from the command line; null sets nothing.
     *
     * @throws PluralityException (USAGE) as {@link #checkFlag}
     */
    public Settings withFlag(Key key, @Nullable String value) throws PluralityException {
        return withFlags(key, value == null ? List.of() : List.of(value));
    }

    /**
     * Sets a list key from the command line; an empty list sets nothing.
     *
     * @throws PluralityException (USAGE) as {@link #checkFlag}
     */
    public Settings withFlags(Key key, List<String> values) throws PluralityException {
        if (!values.isEmpty()) {
            checkFlag(key);
            flags.put(key, List.copyOf(values));
        }
        return this;
    }

    /** Sets a value that the program itself determined; it overrides all other sources. */
    public Settings with(Key key, String value) {
        flags.put(key, List.of(value));
        return this;
    }

    public Optional<String> value(Key key) {
        List<String> values = values(key);
        return values.isEmpty() ? Optional.empty() : Optional.of(values.get(0));
    }

    public List<String> values(Key key) {
        List<String> values = flags.get(key);
        if (values == null) {
            values = fromEnvironment.get(key);
        }
        for (int i = 0; values == null && i < files.size(); i++) {
            values = files.get(i).get(key);
        }
        return values == null ? List.of() : values;
    }

    /**
     * Returns whether a boolean setting is true; false if it is not set.
     *
     * @throws PluralityException (USAGE) if the value is neither true nor false
     */
    public boolean isOn(Key key) throws PluralityException {
        String set = value(key).orElse("false");
        boolean on = set.equals("true") || set.equals("1");
        if (!on && !set.equals("false") && !set.equals("0")) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot use " + key.key() + " = " + set + ": it is neither true nor false",
                    "check " + key.environmentName() + " and '" + key.key() + "' in plurality.toml");
        }
        return on;
    }

    /** Returns the user's cache. */
    public Path cache() {
        Optional<String> set = value(Key.CACHE);
        if (set.isPresent()) {
            return expandHome(set.get());
        }
        String cacheHome = environment.get("XDG_CACHE_HOME");
        return isBlank(cacheHome)
                ? expandHome("~/.cache/plurality")
                : Path.of(cacheHome).resolve("plurality");
    }

    /** Returns the directory of the user's named containers. */
    public Path containers() {
        return expandHome(value(Key.CONTAINERS).orElse("~/.runc/container"));
    }

    /** Returns all caches in the order in which images are looked up: the user's, then the site's. */
    public List<Path> caches() {
        List<Path> caches = new ArrayList<>();
        caches.add(cache());
        for (String site : values(Key.SITE_CACHES)) {
            caches.add(expandHome(site));
        }
        return caches;
    }

    /** @throws PluralityException (USAGE) if the setting is not a platform */
    public Platform platform() throws PluralityException {
        Optional<String> set = value(Key.PLATFORM);
        if (set.isEmpty()) {
            return Platform.current();
        }
        try {
            return Platform.parse(set.get());
        } catch (IllegalArgumentException e) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot use the platform: " + e.getMessage(),
                    "write it like linux/amd64 or linux/arm64",
                    e);
        }
    }

    /**
     * Returns a whole number.
     *
     * @throws PluralityException (USAGE) if the value is not a whole number within the bounds
     */
    public long number(Key key, long fallback, long least, long most) throws PluralityException {
        Optional<String> set = value(key);
        if (set.isEmpty()) {
            return fallback;
        }
        try {
            long number = Long.parseLong(set.get());
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // The exception below reports it.
        }
        throw new PluralityException(
                FailureKind.USAGE,
                "cannot use " + key.key() + " = " + set.get() + ": it is not a whole number from " + least + " to "
                        + most,
                "set " + key.environmentName() + " or '" + key.key() + "' in plurality.toml to such a number");
    }

    /**
     * Returns a size in bytes: a whole number, alone or with one of kB, MB, GB, TB (powers of 1000), KiB, MiB, GiB,
     * TiB (powers of 1024).
     *
     * @throws PluralityException (USAGE) if the value is not a size
     */
    public long bytes(Key key, long fallback) throws PluralityException {
        Optional<String> set = value(key);
        if (set.isEmpty()) {
            return fallback;
        }
        Matcher matcher = SizeText.FORM.matcher(set.get().strip());
        if (matcher.matches()) {
            long base = "i".equals(matcher.group(3)) ? 1024 : 1000;
            String prefix = matcher.group(2) == null ? "" : matcher.group(2).toUpperCase(Locale.ROOT);
            try {
                long bytes = Long.parseLong(matcher.group(1));
                for (int power = "KMGT".indexOf(prefix) + 1; power > 0 && !prefix.isEmpty(); power--) {
                    bytes = Math.multiplyExact(bytes, base);
                }
                return bytes;
            } catch (ArithmeticException | NumberFormatException e) {
                // The exception below reports it.
            }
        }
        throw new PluralityException(
                FailureKind.USAGE,
                "cannot use " + key.key() + " = " + set.get() + ": it is not a size",
                "write it like 200GiB or 500MB");
    }

    /**
     * Returns a duration: a whole number with one of s, min, h, d, w, or {@code none}, which is zero.
     *
     * @throws PluralityException (USAGE) if the value is not a duration
     */
    public Duration duration(Key key, Duration fallback) throws PluralityException {
        Optional<String> set = value(key);
        if (set.isEmpty()) {
            return fallback;
        }
        String text = set.get().strip();
        if (text.equals("none")) {
            return Duration.ZERO;
        }
        try {
            return DurationText.parse(text);
        } catch (IllegalArgumentException e) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot use " + key.key() + " = " + set.get() + ": it is not a time",
                    "write it like 30min, 12h, 3d or none",
                    e);
        }
    }

    /** Returns the path in a setting; a leading {@code ~/} refers to the home directory. */
    public Optional<Path> path(Key key) {
        return value(key).map(this::expandHome);
    }

    /** Expands a leading {@code ~/} of a path to the home directory. */
    public Path expandHome(String path) {
        if (path.equals("~") || path.startsWith("~/")) {
            return Path.of(environment.getOrDefault("HOME", "/") + path.substring(1));
        }
        return Path.of(path).toAbsolutePath();
    }

    /** Returns the error for an unknown key: its replacement if it was removed, otherwise the nearest key. */
    private static String unknown(String name, List<GoneKey> gone) {
        GoneKey was = GoneKey.of(name, gone);
        return was == null
                ? "unknown key '" + name + "', did you mean '"
                        + Key.nearest(name).key() + "'?"
                : "key '" + name + "' " + was.explanation();
    }

    private static Map<Key, List<String>> read(Path file, List<GoneKey> gone) throws PluralityException {
        Map<Key, List<String>> values = new EnumMap<>(Key.class);
        try {
            List<String> problems = new ArrayList<>();
            Map<String, List<String>> parsed = TomlSubset.parse(Files.readString(file, StandardCharsets.UTF_8));
            for (Map.Entry<String, List<String>> setting : parsed.entrySet()) {
                Key key = Key.of(setting.getKey());
                if (key == null) {
                    problems.add(unknown(setting.getKey(), gone));
                } else {
                    values.put(key, setting.getValue());
                }
            }
            if (!problems.isEmpty()) {
                throw new IOException(String.join("; ", problems));
            }
            return values;
        } catch (NoSuchFileException e) {
            return values;
        } catch (IOException e) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot use " + file + ": " + PluralityException.reasonOf(e),
                    "mend that file; " + KEYS,
                    e);
        }
    }

    private static List<String> split(String value, char separator) {
        List<String> values = new ArrayList<>();
        int start = 0;
        while (start <= value.length()) {
            int end = value.indexOf(separator, start);
            String part = value.substring(start, end < 0 ? value.length() : end);
            if (!part.isBlank()) {
                values.add(part);
            }
            start = end < 0 ? value.length() + 1 : end + 1;
        }
        return values;
    }

    private static boolean isBlank(@Nullable String text) {
        return text == null || text.isBlank();
    }

    /**
     * A separate class, because compiling the regular expression would cost a waiting rank 2 ms, and none of the
     * planner's settings is a size.
     */
    private static final class SizeText {
        static final Pattern FORM = Pattern.compile("([0-9]{1,18}) ?(?:([kKMGT])(i)?B?|B)?");
    }
}
