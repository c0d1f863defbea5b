// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.definition.Definition;
import org.plurality.definition.DefinitionFiles;
import org.plurality.environment.RankEnvironment;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/** What is wanted of a launch, whether the command line, the environment or a file says so. */
final class LaunchRequest {
    private static final String SHARED = "PLURALITY_SHARED";

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
            if (key != null && key.isList()) {
                settings.checkFlag(key);
            } else if (key != null) {
                String last = options.last(option).orElse("");
                settings.withFlag(key, last.isEmpty() ? "true" : last);
            }
        }
        // The launcher's script gives it as an option wherever it was set.
        Optional<String> definitionName = options.last(Option.EDF);
        if (!definitionName.equals(settings.value(Key.EDF))) {
            settings.withFlag(Key.EDF, definitionName.orElse(null));
        }
        Definition definition = Definition.EMPTY;
        if (definitionName.isPresent()) {
            definition = new DefinitionFiles(
                            definitionPath(settings, environment), environment, valuesOfOneRank(environment))
                    .read(definitionName.get());
            if (definition.image().isEmpty()) {
                throw new PluralityException(
                        FailureKind.USAGE,
                        "cannot use the definition " + definitionName.get() + ": it names no image",
                        "write image = \"NAME\" in it, or in what it is based on");
            }
        }
        if (definition.writable().orElse(false) && settings.value(Key.OVERLAY).isEmpty()) {
            settings.withFlag(Key.WRITABLE_TMPFS, "true");
        }
        return new LaunchRequest(options, settings, environment, definition);
    }

    /** What ranks that share what is planned here may each have another value of; the launcher's script says whether they do. */
    private static Set<String> valuesOfOneRank(Map<String, String> environment) {
        Set<String> names = new HashSet<>();
        if (environment.containsKey(SHARED)) {
            for (String name : environment.keySet()) {
                if (RankEnvironment.isOfOneRank(name)) {
                    names.add(name);
                }
            }
        }
        return names;
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

    /** What the user should know, a line each. */
    List<String> notes() {
        return settings.notes();
    }

    Settings settings() {
        return settings;
    }

    String image() {
        return definition.image().isEmpty() ? options.image() : definition.image();
    }

    /** The image, as it was when the job was submitted: see {@link PinnedImages}. */
    String pinnedImage(Map<String, String> environment) {
        return has(Option.PLATFORM) ? image() : PinnedImages.of(environment).digestOf(image());
    }

    List<String> command() {
        return options.command();
    }

    /** Returns the values of an option that has no setting, in order. */
    List<String> all(Option option) {
        return options.all(option);
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

    RequestedMounts mounts() {
        return new RequestedMounts(settings, options, definition, environment);
    }

    /** The user's variables, {@code NAME=VALUE}, the strongest last. */
    List<String> variables() throws PluralityException {
        return new RequestedVariables(settings, options, definition).of(environment);
    }

    /** CDI names of devices. */
    List<String> devices() {
        List<String> devices = new ArrayList<>(definition.devices());
        devices.addAll(both(Key.DEVICE, Option.DEVICE, settings, options));
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

    /** A setting's values, and behind them those of the command line, which do not take their place. */
    static List<String> both(Key key, Option option, Settings settings, LaunchOptions options) {
        List<String> all = new ArrayList<>(settings.values(key));
        all.addAll(options.all(option));
        return all;
    }
}
