// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plurality.bundle.Bind;
import org.plurality.bundle.BindSyntax;
import org.plurality.bundle.MountRequest;
import org.plurality.bundle.MountSyntax;
import org.plurality.bundle.RootfsView;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.definition.Definition;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/** What a request brings into the container: the home directory, the user's mounts, and the site's binds. */
final class RequestedMounts {
    private final Settings settings;
    private final LaunchOptions options;
    private final Definition definition;
    private final Map<String, String> environment;

    RequestedMounts(Settings settings, LaunchOptions options, Definition definition, Map<String, String> environment) {
        this.settings = settings;
        this.options = options;
        this.definition = definition;
        this.environment = environment;
    }

    /** The home directory: the user's where nobody says otherwise, absent where it would hide the image or is not wanted. */
    StandardMounts.Home home(RootfsView image) throws PluralityException, IOException {
        Path usual = Path.of(environment.getOrDefault("HOME", "/")).toAbsolutePath();
        Optional<String> set = settings.value(Key.HOME_DIRECTORY);
        if (settings.isOn(Key.NO_HOME)) {
            return new StandardMounts.Home(null, usual, true);
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
            return new StandardMounts.Home(home.source(), home.destination(), false);
        }
        boolean bound = !settings.isOn(Key.CONTAIN) && StandardMounts.isBindable(usual, image);
        return new StandardMounts.Home(bound ? usual.toRealPath() : null, usual, true);
    }

    /** Mounts besides the standard ones, the strongest last. */
    List<MountRequest> wanted() throws PluralityException {
        List<MountRequest> mounts = new ArrayList<>();
        for (String text : definition.mounts()) {
            mounts.addAll(bind(text, "--edf"));
        }
        for (String text : LaunchRequest.both(Key.BIND, Option.BIND, settings, options)) {
            mounts.addAll(bind(text, "--bind"));
        }
        for (String text : LaunchRequest.both(Key.MOUNT, Option.MOUNT, settings, options)) {
            try {
                mounts.add(MountSyntax.parse(text, "--mount"));
            } catch (IllegalArgumentException e) {
                throw unusable("mount", e.getMessage(), "--mount", Key.MOUNT);
            }
        }
        for (MountRequest mount : mounts) {
            if (mount instanceof Bind bind && !Files.exists(bind.source())) {
                throw unusable("bind", "there is no " + bind.source() + " on this node", mount.reason(), Key.BIND);
            }
        }
        // What a site brings in everywhere may be on some of its nodes only.
        for (Bind bind : siteBinds()) {
            if (Files.exists(bind.source())) {
                mounts.add(bind);
            }
        }
        return mounts;
    }

    /** What the site would bring in, were it on this node. */
    List<Path> absentSources() throws PluralityException {
        List<Path> absent = new ArrayList<>();
        for (Bind bind : siteBinds()) {
            if (!Files.exists(bind.source())) {
                absent.add(bind.source());
            }
        }
        return absent;
    }

    private List<Bind> siteBinds() throws PluralityException {
        List<Bind> binds = new ArrayList<>();
        for (String text : settings.values(Key.SITE_BINDS)) {
            binds.addAll(bind(text, "the site's"));
        }
        return binds;
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
