package org.plurality.umbrella;

import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.plurality.config.Settings;
import org.plurality.container.Container;
import org.plurality.container.ContainerDocument;
import org.plurality.container.Runs;
import org.plurality.display.ByteCount;
import org.plurality.display.Table;
import org.plurality.failure.PluralityException;
import org.plurality.json.JsonObject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "list", description = "Lists the containers.")
final class ListCommand implements Callable<Integer> {
    @Option(names = "--json", description = "Print one JSON object for each container.")
    private boolean json;

    private final Surroundings surroundings;

    ListCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws PluralityException, IOException {
        Settings settings = surroundings.settings();
        Runs runs = surroundings.runs(settings);
        Session session = surroundings.session();
        Table table = new Table("NAME", "IMAGE", "DIGEST", "STATE", ">PID", ">SIZE", ">CREATED");
        int worst = 0;
        for (Container container : surroundings.store(settings).list()) {
            try {
                Report report = Report.of(container, runs.state(container));
                if (json) {
                    session.out().println(JsonObject.line(report));
                } else {
                    add(report, table);
                }
            } catch (PluralityException damaged) {
                // The others are shown all the same.
                session.err().println("plurality: " + damaged.getMessage());
                session.err().println("hint: " + damaged.hint());
                worst = damaged.kind().exitCode();
            }
        }
        if (!json) {
            table.print(session.out());
        }
        return worst;
    }

    private static void add(Report report, Table table) {
        String name = report.container().name().value();
        if (report.document().isEmpty()) {
            table.row(name, "-", "-", report.state().word(), report.pid(), "-", "-");
            return;
        }
        ContainerDocument made = report.document().get();
        table.row(
                name,
                made.image(),
                made.digest().abbreviated(),
                report.state().word(),
                report.pid(),
                made.cache() == null ? ByteCount.of(made.bytes()) : "overlay",
                Table.age(made.createdAt(), Instant.now()));
    }
}
