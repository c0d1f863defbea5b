package org.plurality.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.plurality.bundle.UserIds;
import org.plurality.environment.RankEnvironment;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/** Writes what the launcher script, the holder and the ranks read: see {@link Planner} for the files. */
final class PlanFiles {
    private PlanFiles() {}

    static void write(LaunchPlan plan, Path directory) throws IOException, PluralityException {
        // The holder's notes on ranks; it would have to fork for a directory.
        Files.createDirectories(directory.resolve("settled"));
        write(directory.resolve("environment"), strings(plan.rank().plain()));
        write(directory.resolve("environment.loader"), strings(plan.rank().loader()));
        write(directory.resolve("command"), plan.command());
        if (!plan.entrypoint().isEmpty()) {
            write(directory.resolve("entrypoint"), plan.entrypoint());
        }
        Files.writeString(directory.resolve("plan"), lines(plan));
        Files.write(directory.resolve("config.json"), plan.spec().toJson());
    }

    private static String lines(LaunchPlan plan) throws PluralityException {
        UserIds ids = plan.spec().ids();
        StringBuilder lines = new StringBuilder();
        for (String[] line : new String[][] {
            {"runtime", plan.runtime().toString()},
            {"loader", plan.tools().loader()},
            {"libraries", plan.tools().libraryPath()},
            {"tools", plan.tools().directory()},
            {"workdir", plan.workDirectory()},
            {"uid", Long.toString(ids.uid())},
            {"gid", Long.toString(ids.gid())},
            {"digest", plan.entry().document().digest().toString()},
            {"kept", plan.clean() ? RankEnvironment.keptPattern() : ""},
            {"entrypoint", plan.entrypoint().isEmpty() ? "" : "yes"}
        }) {
            if (line[1].indexOf('\n') >= 0) {
                throw new PluralityException(
                        FailureKind.USAGE,
                        "cannot use the path '" + line[1].replace("\n", "\\n") + "': it has a line end in it",
                        "start from another directory");
            }
            if (!line[1].isEmpty()) {
                lines.append(line[0]).append(' ').append(line[1]).append('\n');
            }
        }
        return lines.toString();
    }

    /** Variables as {@code NAME=VALUE}, sorted. */
    static List<String> strings(Map<String, String> variables) {
        List<String> strings = new ArrayList<>();
        for (Map.Entry<String, String> variable : variables.entrySet()) {
            strings.add(variable.getKey() + "=" + variable.getValue());
        }
        strings.sort(null);
        return strings;
    }

    private static void write(Path file, List<String> values) throws IOException {
        StringBuilder text = new StringBuilder();
        for (String value : values) {
            text.append(value).append('\0');
        }
        Files.writeString(file, text);
    }
}
