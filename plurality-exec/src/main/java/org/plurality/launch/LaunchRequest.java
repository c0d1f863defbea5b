package org.plurality.launch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plurality.bundle.Bind;
import org.plurality.bundle.Wanted;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.definition.Definition;
import org.plurality.definition.DefinitionFiles;
import org.plurality.environment.ChosenVariables;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.mount.BindSyntax;
import org.plurality.mount.MountSyntax;

/** What is wanted of a launch, whether the command line, the environment or a file says so. */
final class LaunchRequest {
    private static final int MAX_VARIABLES_FILE = 1 << 20;

    private final LaunchOptions options;
    private final Settings settings;
    private final Map<String, String> environment;

    private final Definition definition;

    private LaunchRequest(
            LaunchOptions options, Settings settings, Map<String, String> environment, Definition definition) {
        this.options = options;
        this.settings = settings;
        this.environment = environment;
        this.definition = definition;
    }

    /** @throws PluralityException (USAGE) when a file is not understood, or an option is not the user's to give */
    static LaunchRequest of(LaunchOptions options, Map<String, String> environment) throws PluralityException {
        Settings settings = Settings.load(environment);
        for (Option option : options.values().keySet()) {
            Key key = option.key();
            if (key != null && !key.isList()) {
                String last = options.last(option).orElse("");
                settings.withFlag(key, last.isEmpty() ? "true" : last);
            }
        }
        settings.checkFlags();
        Definition definition = Definition.EMPTY;
        Optional<String> edf = options.last(Option.EDF);
        if (edf.isPresent()) {
            definition = new DefinitionFiles(definitionPath(settings, environment), environment).read(edf.get());
            if (definition.image().isEmpty()) {
                throw new PluralityException(
                        FailureKind.USAGE,
                        "cannot use the definition " + edf.get() + ": it names no image",
                        "write image = \"NAME\" in it, or in what it is based on");
            }
        }
        if (definition.writable().orElse(false) && settings.value(Key.OVERLAY).isEmpty()) {
            settings.withFlag(Key.WRITABLE_TMPFS, "true");
        }
        return new LaunchRequest(options, settings, environment, definition);
    }

    /** As others have it: {@code EDF_PATH}, else the user's {@code ~/.edf} and the site's directory. */
    private static List<Path> definitionPath(Settings settings, Map<String, String> environment) {
        List<Path> path = new ArrayList<>();
        for (String directory : environment.getOrDefault("EDF_PATH", "").split(":", -1)) {
            if (!directory.isEmpty()) {
                path.add(settings.expandHome(directory));
            }
        }
        return path.isEmpty() ? List.of(settings.expandHome("~/.edf"), Path.of("/etc/plurality/edf")) : path;
    }

    Settings settings() {
        return settings;
    }

    String image() {
        return definition.image().isEmpty() ? options.image() : definition.image();
    }

    List<String> command() {
        return options.command();
    }

    boolean has(Option option) {
        return options.has(option);
    }

    Optional<String> workDirectory() {
        boolean defined = !definition.workDirectory().isEmpty() && !options.has(Option.WORKDIR);
        return defined ? Optional.of(definition.workDirectory()) : settings.value(Key.WORKDIR);
    }

    /** What runs the command: empty for the image's own entrypoint, absent for nothing. */
    Optional<String> entrypoint() {
        Optional<String> set = settings.value(Key.ENTRYPOINT);
        if (definition.entrypoint().isPresent() && !options.has(Option.ENTRYPOINT)) {
            set = Optional.of(definition.entrypoint().get().toString());
        }
        if (set.isEmpty() || set.get().equals("false")) {
            return Optional.empty();
        }
        return set.get().equals("true") ? Optional.of("") : set;
    }

    /** The home directory: the user's where nobody says otherwise, absent where it would hide the image or is not wanted. */
    StandardMounts.Home home() throws PluralityException, IOException {
        Path usual = Path.of(environment.getOrDefault("HOME", "/")).toAbsolutePath();
        Optional<String> set = settings.value(Key.HOME_DIRECTORY);
        if (settings.isOn(Key.NO_HOME)) {
            return new StandardMounts.Home(null, usual);
        }
        if (set.isPresent()) {
            Bind home = bind(set.get(), "--home").get(0);
            if (!Files.isDirectory(home.source())) {
                throw unusable(
                        "bind",
                        "there is no directory " + home.source() + " on this node",
                        "--home",
                        Key.HOME_DIRECTORY);
            }
            return new StandardMounts.Home(home.source(), home.destination());
        }
        boolean bound = !settings.isOn(Key.CONTAIN) && StandardMounts.isBindable(usual);
        return new StandardMounts.Home(bound ? usual.toRealPath() : null, usual);
    }

    /** Mounts besides the standard ones, the strongest last. */
    List<Wanted> mounts() throws PluralityException {
        List<Wanted> mounts = new ArrayList<>();
        for (String text : definition.mounts()) {
            mounts.addAll(bind(text, "--edf"));
        }
        for (String text : both(Key.BIND, Option.BIND)) {
            mounts.addAll(bind(text, "--bind"));
        }
        for (String text : both(Key.MOUNT, Option.MOUNT)) {
            try {
                mounts.add(MountSyntax.parse(text, "--mount"));
            } catch (IllegalArgumentException e) {
                throw unusable("mount", e.getMessage(), "--mount", Key.MOUNT);
            }
        }
        for (Wanted mount : mounts) {
            if (mount instanceof Bind bind && !Files.exists(bind.source())) {
                throw unusable("bind", "there is no " + bind.source() + " on this node", mount.reason(), Key.BIND);
            }
        }
        // What a site brings in everywhere may be on some of its nodes only.
        for (String text : settings.values(Key.SITE_BINDS)) {
            for (Bind bind : bind(text, "the site's")) {
                if (Files.exists(bind.source())) {
                    mounts.add(bind);
                }
            }
        }
        return mounts;
    }

    /** The user's variables, {@code NAME=VALUE}, the strongest last. */
    List<String> variables() throws PluralityException {
        ChosenVariables variables = new ChosenVariables();
        for (Map.Entry<String, String> variable : definition.variables().entrySet()) {
            variables.add(variable.getKey() + "=" + variable.getValue());
        }
        for (String name : both(Key.ENV_FILE, Option.ENV_FILE)) {
            addFile(variables, settings.expandHome(name));
        }
        variables.addPrefixed(environment);
        for (String variable : both(Key.ENV, Option.ENV)) {
            try {
                variables.add(variable);
            } catch (IllegalArgumentException e) {
                throw new PluralityException(
                        FailureKind.USAGE, "cannot set a variable: " + e.getMessage(), "write --env NAME=VALUE", e);
            }
        }
        return variables.variables();
    }

    /** CDI names of devices. */
    List<String> devices() {
        List<String> devices = new ArrayList<>(definition.devices());
        devices.addAll(both(Key.DEVICE, Option.DEVICE));
        return devices;
    }

    Map<String, String> annotations() {
        return definition.annotations();
    }

    /** Directories of a setting, or those that it has by default. */
    List<Path> directories(Key key, List<String> usual) {
        List<Path> directories = new ArrayList<>();
        List<String> set = settings.values(key);
        for (String directory : set.isEmpty() ? usual : set) {
            directories.add(settings.expandHome(directory));
        }
        return directories;
    }

    private static void addFile(ChosenVariables variables, Path file) throws PluralityException {
        try {
            if (Files.size(file) > MAX_VARIABLES_FILE) {
                throw new IOException("it has more than " + MAX_VARIABLES_FILE + " bytes");
            }
            variables.addFile(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot read the variables in " + file + ": " + PluralityException.reasonOf(e),
                    "check --env-file, PLURALITY_ENV_FILE and 'env_file' in plurality.toml",
                    e);
        } catch (IllegalArgumentException e) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot use the variables in " + file + ": " + e.getMessage(),
                    "write one NAME=VALUE a line, without 'export'",
                    e);
        }
    }

    /** A setting's values, and behind them those of the command line, which do not take their place. */
    private List<String> both(Key key, Option option) {
        List<String> all = new ArrayList<>(settings.values(key));
        all.addAll(options.all(option));
        return all;
    }

    private List<Bind> bind(String text, String reason) throws PluralityException {
        try {
            boolean home = text.startsWith("~/") || text.equals("~");
            return BindSyntax.parse(home ? settings.expandHome(text).toString() : text, reason);
        } catch (IllegalArgumentException e) {
            throw unusable("bind", e.getMessage(), reason, Key.BIND);
        }
    }

    private static PluralityException unusable(String what, @Nullable String why, String option, Key key) {
        return new PluralityException(
                FailureKind.USAGE,
                "cannot " + what + ": " + why,
                "check " + option + ", " + key.environmentName() + " and '" + key.key() + "' in plurality.toml");
    }
}
