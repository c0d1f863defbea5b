package org.plurality.launch;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the JVM watches when the AOT cache is made: the planner on its usual ways, so that the classes of all of them are in the cache. A class
 * that is not costs a waiting rank 10 ms, because the JDK's image file is opened for it.
 *
 * <p>{@code Training DIRECTORY IMAGE PID}: the directory for bundles, an image that is staged in the user's cache, a living process.
 */
final class Training {
    private Training() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        String image = arguments[1];
        List<List<String>> launches = List.of(
                List.of(image, "--", "true"),
                List.of("--bind", "/etc:/new/place:ro", "--env", "A=B", image, "true"),
                List.of(image, "true"));
        String pid = arguments[2];
        for (Map<String, String> job : List.of(Map.<String, String>of(), Map.of("SLURM_JOB_ID", "1"))) {
            for (int i = 0; i < launches.size(); i++) {
                Path bundle = Files.createDirectory(directory.resolve("bundle-" + job.size() + "-" + i));
                List<String> line = new ArrayList<>(launches.get(i));
                line.addAll(0, List.of(bundle.toString(), pid));
                Map<String, String> environment = new HashMap<>(System.getenv());
                environment.putAll(job);
                if (Planner.run(Arrays.asList(line.toArray(new String[0])), environment, System.out, System.err) != 0) {
                    System.exit(1);
                }
            }
        }
        try {
            // A tree that was moved after the cache was made: the JVM looks for the old class path first and meets
            // this.
            System.err.println(Path.of("\0"));
        } catch (InvalidPathException expected) {
            System.err.println("trained");
        }
    }
}
