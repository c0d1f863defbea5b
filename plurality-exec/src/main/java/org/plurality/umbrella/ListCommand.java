package org.plurality.umbrella;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.plurality.config.Settings;
import org.plurality.container.Container;
import org.plurality.container.ContainerDocument;
import org.plurality.container.Runs;
import org.plurality.failure.PluralityException;
import org.plurality.json.JsonObject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "list", description = "Lists the containers.")
final class ListCommand implements Callable<Integer> {
    private static final List<String> TITLES = List.of("NAME", "IMAGE", "DIGEST", "STATE", "PID", "SIZE", "CREATED");

    /** From here on, columns are aligned to the right. */
    private static final int FIRST_NUMBER = 4;

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
        List<List<String>> rows = new ArrayList<>(List.of(TITLES));
        int worst = 0;
        for (Container container : surroundings.store(settings).list()) {
            try {
                Report report = Report.of(container, runs.state(container));
                if (json) {
                    session.out().println(JsonObject.line(report));
                } else {
                    rows.add(row(report));
                }
            } catch (PluralityException damaged) {
                // The others are shown all the same.
                session.err().println("plurality: " + damaged.getMessage());
                session.err().println("hint: " + damaged.hint());
                worst = damaged.kind().exitCode();
            }
        }
        if (!json) {
            print(session, rows);
        }
        return worst;
    }

    private static List<String> row(Report report) {
        List<String> row = new ArrayList<>(List.of(report.container().name().value()));
        if (report.document().isPresent()) {
            ContainerDocument made = report.document().get();
            row.addAll(List.of(
                    made.image(), made.digest().abbreviated(), report.state().word(), report.pid()));
            row.add(made.cache() == null ? bytes(made.bytes()) : "overlay");
            row.add(age(Duration.between(made.createdAt(), Instant.now())));
        } else {
            row.addAll(List.of("-", "-", report.state().word(), report.pid(), "-", "-"));
        }
        return row;
    }

    private static void print(Session session, List<List<String>> rows) {
        int[] widths = new int[TITLES.size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String padding = " ".repeat(widths[i] - row.get(i).length());
                line.append(i == 0 ? "" : "  ").append(i >= FIRST_NUMBER ? padding + row.get(i) : row.get(i) + padding);
            }
            session.out().println(line.toString().stripTrailing());
        }
    }

    static String bytes(long bytes) {
        double value = bytes;
        String unit = "B";
        for (String next : List.of("kB", "MB", "GB", "TB")) {
            if (value < 999.5) {
                break;
            }
            value /= 1000;
            unit = next;
        }
        return String.format(Locale.ROOT, unit.equals("B") || value >= 99.95 ? "%.0f %s" : "%.1f %s", value, unit);
    }

    private static String age(Duration age) {
        if (age.toDays() > 1) {
            return age.toDays() + " d";
        }
        if (age.toHours() > 1) {
            return age.toHours() + " h";
        }
        return age.toMinutes() > 1 ? age.toMinutes() + " min" : Math.max(0, age.toSeconds()) + " s";
    }
}
