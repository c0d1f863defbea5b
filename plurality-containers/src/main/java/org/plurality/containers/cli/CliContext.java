// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.plurality.bundle.Bind;
import org.plurality.bundle.BindSyntax;
import org.plurality.bundle.UserIds;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.containers.Background;
import org.plurality.containers.Container;
import org.plurality.containers.ContainerName;
import org.plurality.containers.ContainerStopper;
import org.plurality.containers.ContainerStore;
import org.plurality.containers.ImageFinder;
import org.plurality.containers.RunClaims;
import org.plurality.containers.RunDirectories;
import org.plurality.containers.RunPlanner;
import org.plurality.containers.StageInCommand;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.launch.Preflight;

/** Makes what the commands need, out of session, settings and options. */
record CliContext(Session session, Verbosity verbosity) {

    Settings settings() throws PluralityException {
        return Settings.load(session.environment());
    }

    ContainerStore store(Settings settings) {
        return new ContainerStore(settings.containers());
    }

    /**
     * Returns the container that a program is to run in.
     *
     * @throws PluralityException (NOT_FOUND or USAGE) if there is none of that name; the hint considers that it may be
     *     an image's
     */
    Container containerToRun(Settings settings, String name, List<String> command) throws PluralityException {
        try {
            return store(settings).find(ContainerName.parse(name));
        } catch (PluralityException e) {
            if (e.kind() != FailureKind.NOT_FOUND && e.kind() != FailureKind.USAGE) {
                throw e;
            }
            String program = command.isEmpty() ? "" : " " + String.join(" ", command);
            String own = e.kind() == FailureKind.NOT_FOUND ? name : "NAME";
            throw new PluralityException(
                    e.kind(),
                    e.kind() == FailureKind.NOT_FOUND
                            ? e.getMessage()
                            : "cannot run " + name + ": that is no container's name",
                    "'plurality list' shows your containers, 'plurality create IMAGE " + own
                            + "' makes one; to run a program in an image without a container: plurality-exec "
                            + name + program,
                    e);
        }
    }

    UserIds ids() throws PluralityException {
        try {
            return UserIds.current();
        } catch (IOException e) {
            throw new PluralityException(
                    FailureKind.OTHER,
                    "cannot tell who runs this: " + PluralityException.reasonOf(e),
                    "check that /proc is mounted on this host",
                    e);
        }
    }

    RunDirectories directories(Settings settings) throws PluralityException {
        return RunDirectories.of(settings, session.environment(), ids());
    }

    RunClaims runs(Settings settings) throws PluralityException {
        return new RunClaims(directories(settings));
    }

    RunPlanner start(Settings settings) throws PluralityException {
        return new RunPlanner(
                runs(settings),
                directories(settings),
                Preflight.runtime(settings, session.environment()),
                session.tree("libexec/layer"));
    }

    Background background(Settings settings) throws PluralityException {
        return new Background(start(settings), session.tree("libexec/background"));
    }

    ContainerStopper ending(Settings settings) throws PluralityException {
        return new ContainerStopper(store(settings), runs(settings), directories(settings));
    }

    /** @param options for {@code plurality-stagein pull} */
    ImageFinder images(Settings settings, List<String> options, boolean pull) throws PluralityException {
        boolean quiet = !says(Verbosity.Level.INFO);
        return new ImageFinder(
                new StageInCommand(session.tree("bin/plurality-stagein"), options, session.err(), quiet),
                settings.platform(),
                settings.caches(),
                pull,
                settings.value(Key.DOCKER_HOST).isPresent(),
                session.environment(),
                this::say);
    }

    boolean says(Verbosity.Level level) throws PluralityException {
        return verbosity.level(session.environment()).compareTo(level) >= 0;
    }

    void say(boolean detail, String text) throws PluralityException {
        if (says(detail ? Verbosity.Level.DEBUG : Verbosity.Level.INFO)) {
            session.err().println("plurality: " + text);
        }
    }

    /** {@code --bind}, as people write it. */
    static List<Bind> binds(List<String> texts) throws PluralityException {
        List<Bind> binds = new ArrayList<>();
        for (String text : texts) {
            try {
                for (Bind bind : BindSyntax.parse(text, "--bind")) {
                    if (!Files.exists(bind.source())) {
                        throw new IllegalArgumentException("there is no " + bind.source() + " on this host");
                    }
                    binds.add(bind);
                }
            } catch (IllegalArgumentException e) {
                throw new PluralityException(
                        FailureKind.USAGE, "cannot bind: " + e.getMessage(), "write --bind SRC[:DST[:ro|rw]]", e);
            }
        }
        return binds;
    }

    /** {@code --env}: {@code NAME=VALUE}, or a NAME that has the host's value, if any. */
    static List<String> variables(List<String> texts, Map<String, String> host) throws PluralityException {
        List<String> variables = new ArrayList<>();
        for (String text : texts) {
            int equals = text.indexOf('=');
            @Nullable String value = host.get(text);
            if (equals == 0 || text.isEmpty()) {
                throw new PluralityException(
                        FailureKind.USAGE,
                        "cannot set '" + text + "': it is neither NAME=VALUE nor NAME",
                        "write --env NAME=VALUE");
            }
            if (equals > 0) {
                variables.add(text);
            } else if (value != null) {
                variables.add(text + "=" + value);
            }
        }
        return variables;
    }

    static @Nullable String workDirectory(@Nullable String text) throws PluralityException {
        if (text != null && !text.startsWith("/")) {
            throw new PluralityException(
                    FailureKind.USAGE, "cannot start in '" + text + "': it is not absolute", "write --workdir /PATH");
        }
        return text;
    }
}
