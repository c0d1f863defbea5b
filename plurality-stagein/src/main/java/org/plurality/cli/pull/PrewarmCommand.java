// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli.pull;

import java.nio.file.Path;
import org.plurality.app.Session;
import org.plurality.app.retention.PrewarmFactory;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.arguments.Flag;
import org.plurality.arguments.Parameter;
import org.plurality.arguments.Value;
import org.plurality.arguments.Values;
import org.plurality.cli.common.CommonOptions;
import org.plurality.cli.common.ErrorReport;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.failure.PluralityException;
import org.plurality.retention.prewarm.Prewarm;

public final class PrewarmCommand implements Command {
    private final Arguments arguments = new Arguments(
            "prewarm",
            "Stages in a list of images, and prints the digest and path of each. Tags that moved are staged anew.",
            "FILE is TOML: [[image]] tables with reference, platforms, format and pin.");
    private final CommonOptions common = new CommonOptions(arguments);
    private final Parameter<Path> file = arguments.parameter(Path.class, "FILE", "The list.");
    private final Values insecure = arguments.options(
            "--insecure-registry", "HOST[:PORT]", "May be spoken to over plain http. Can be given again.");
    private final Value<String> progressHow = arguments.option(
            "--progress", "HOW", "auto, plain, json (one event a line) or none, on standard error (default: auto).");
    private final Flag quiet = arguments.flag("-q, --quiet", "Show no progress.");

    private final Session session;
    private final ErrorReport errors;

    public PrewarmCommand(Session session, ErrorReport errors) {
        this.session = session;
        this.errors = errors;
    }

    @Override
    public Arguments arguments() {
        return arguments;
    }

    @Override
    public Integer call() throws PluralityException {
        Settings settings = common.settings(session.environment())
                .withFlags(Key.INSECURE_REGISTRIES, insecure.get())
                .withFlag(Key.PROGRESS, progressHow.get());
        String shown = quiet.isGiven() ? "none" : settings.value(Key.PROGRESS).orElse("auto");
        Prewarm.Outcome outcome = new PrewarmFactory(session, settings, common.debug(), shown)
                .run(
                        file.get(),
                        result -> session.out()
                                .println(result.entry().document().digest() + " "
                                        + result.entry().rootfs()),
                        failure -> errors.report(failure, common.debug()));
        return outcome.exitCode();
    }
}
