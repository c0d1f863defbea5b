package org.plurality.umbrella;

import java.io.IOException;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import org.plurality.config.Settings;
import org.plurality.container.Container;
import org.plurality.container.ContainerDocument;
import org.plurality.container.ContainerName;
import org.plurality.container.RunState;
import org.plurality.display.ByteCount;
import org.plurality.failure.PluralityException;
import org.plurality.json.JsonObject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "status", description = "Shows whether a container runs, and what it was made from.")
final class StatusCommand implements Callable<Integer> {
    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Parameters(paramLabel = "NAME", description = "Of the container.")
    private String name = "";

    private final Surroundings surroundings;

    StatusCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws PluralityException, IOException {
        Settings settings = surroundings.settings();
        Container container = surroundings.store(settings).find(ContainerName.parse(name));
        Report report = Report.of(container, surroundings.runs(settings).state(container));
        PrintStream out = surroundings.session().out();
        if (json) {
            out.println(JsonObject.line(report));
            return 0;
        }
        out.println("name       " + container.name());
        out.println("state      " + report.state().word());
        if (report.state() instanceof RunState.Running running) {
            out.println("pid        " + report.pid());
            out.println("since      " + running.since());
            out.println("how        "
                    + (running.background() ? "in the background, log " + container.log() : "in the foreground"));
        }
        out.println("directory  " + container.directory());
        if (report.document().isPresent()) {
            ContainerDocument made = report.document().get();
            out.println("image      " + made.image());
            out.println("digest     " + made.digest());
            out.println("created    " + made.createdAt());
            out.println("size       "
                    + (made.cache() == null ? ByteCount.of(made.bytes()) : "overlay over " + made.cache()));
        }
        return 0;
    }
}
