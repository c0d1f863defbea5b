package org.plurality.umbrella;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a container is to have besides its image. */
final class BundleOptions {
    @Option(
            names = {"-B", "--bind"},
            paramLabel = "SRC[:DST[:ro|rw]]",
            description = "A file or directory of the host; may be given again.")
    List<String> binds = new ArrayList<>();

    @Option(
            names = {"-e", "--env"},
            paramLabel = "NAME[=VALUE]",
            description = "Set a variable, without VALUE to what it is here; may be given again.")
    List<String> variables = new ArrayList<>();

    @Option(
            names = {"-w", "--workdir"},
            paramLabel = "DIR",
            description = "Start there, in the container.")
    @Nullable
    String workDirectory;
}
