package org.plurality.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.failure.PluralityException;
import org.plurality.prewarm.Prewarm;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "prewarm",
        description = {
            "Stages in a list of images, and prints the digest and path of each. Tags that moved are staged anew.",
            "FILE is TOML: [[image]] tables with reference, platforms, format and pin."
        })
final class PrewarmCommand implements Callable<Integer> {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "FILE", description = "The list.")
    private Path file = Path.of("");

    @Option(
            names = "--insecure-registry",
            paramLabel = "HOST[:PORT]",
            description = "May be spoken to over plain http. Can be given again.")
    private List<String> insecure = new ArrayList<>();

    @Option(
            names = "--progress",
            paramLabel = "HOW",
            description = "auto, plain, json (one event a line) or none, on standard error (default: auto).")
    private @Nullable String progressHow;

    @Option(
            names = {"-q", "--quiet"},
            description = "Show no progress.")
    private boolean quiet;

    private final Session session;
    private final ErrorReport errors;

    PrewarmCommand(Session session, ErrorReport errors) {
        this.session = session;
        this.errors = errors;
    }

    @Override
    public Integer call() throws PluralityException {
        Settings settings = common.settings(session.environment())
                .withFlags(Key.INSECURE_REGISTRIES, insecure)
                .withFlag(Key.PROGRESS, progressHow);
        String shown = quiet ? "none" : settings.value(Key.PROGRESS).orElse("auto");
        Prewarm.Outcome outcome = new PrewarmGraph(session, settings, common.debug(), shown)
                .run(
                        file,
                        result -> session.out()
                                .println(result.entry().document().digest() + " "
                                        + result.entry().rootfs()),
                        failure -> errors.report(failure, common.debug()));
        return outcome.exitCode();
    }
}
