// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.plurality.bundle.UserIds;
import org.plurality.environment.RankEnvironment;
import org.plurality.failure.PluralityException;

/** Writes what the launcher, its monitor and the ranks read: see {@link Planner} for the files. */
final class PlanFiles {
    private PlanFiles() {}

    static void write(LaunchPlan plan, Path directory) throws IOException, PluralityException {
        Files.createDirectories(directory);
        write(directory.resolve("environment"), strings(plan.rank().variables()));
        write(directory.resolve("command"), plan.usual());
        if (!plan.entrypoint().isEmpty()) {
            write(directory.resolve("entrypoint"), plan.entrypoint());
        }
        lines(plan).write(directory.resolve("plan"));
        Files.write(directory.resolve("config.json"), plan.spec().toJson());
    }

    private static KeyValueFile lines(LaunchPlan plan) throws PluralityException {
        UserIds ids = plan.ids();
        KeyValueFile lines = new KeyValueFile()
                .add("runtime", plan.runtime().toString())
                .add("workdir", plan.workDirectory())
                .add("uid", Long.toString(ids.uid()))
                .add("gid", Long.toString(ids.gid()))
                .add("digest", plan.entry().document().digest().toString())
                .add("processes", plan.spec().ownProcesses() ? "own" : "host");
        if (plan.own().ipc()) {
            lines.add("ipc", "own");
        }
        if (plan.own().network()) {
            lines.add("network", "none");
        }
        if (plan.clean()) {
            lines.add("kept", RankEnvironment.keptPattern());
        }
        if (!plan.entrypoint().isEmpty()) {
            lines.add("entrypoint", "yes");
        }
        if (!LocalImage.isNamedBy(plan.image())) {
            // Where the lease lies, for the node's epilog.
            lines.add(
                    "leases",
                    plan.entry()
                            .layout()
                            .leases(plan.entry().document().digest())
                            .toString());
        }
        return lines;
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
