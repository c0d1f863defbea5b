// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.plurality.config.HomeDirectory;

/**
 * What the JVM watches when the AOT cache is made: the planner on its usual ways, so that the classes of all of them are in the cache. A class
 * that is not costs a waiting rank 10 ms, because the JDK's image file is opened for it.
 *
 * <p>{@code LaunchTraining DIRECTORY IMAGE PID}: the directory for bundles, an image that is staged in the user's cache, a living process.
 */
final class LaunchTraining {
    private LaunchTraining() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        String image = arguments[1];
        List<List<String>> launches = List.of(
                List.of(image, "--", "true"),
                List.of("--bind", "/etc:/new/place:ro", "--env", "A=B", image, "true"),
                List.of("--mount", "type=tmpfs,dst=/mnt/t", "--workdir", "/etc", "--cleanenv", image),
                List.of("--contain", "--pid", "--env-file", variables(directory), "--entrypoint", image, "true"),
                List.of("--dry-run", image, "true"),
                List.of("--cache", directory.resolve("none").toString(), "--help"),
                List.of(image, "true"));
        String pid = arguments[2];
        for (Map<String, String> job : List.of(Map.<String, String>of(), Map.of("SLURM_JOB_ID", "1"))) {
            for (int i = 0; i < launches.size(); i++) {
                Path bundle = Files.createDirectory(directory.resolve("bundle-" + job.size() + "-" + i));
                List<String> line = new ArrayList<>(launches.get(i));
                line.addAll(0, List.of(bundle.toString(), pid));
                Map<String, String> environment = new HashMap<>(HomeDirectory.in(System.getenv()));
                environment.putAll(job);
                plan(line, environment, 0);
            }
        }
        missing(directory, image, pid);
        hooksAndDevices(directory, image, pid);
        writable(directory, image, pid);
        try {
            // A tree that was moved after the cache was made: the JVM looks for the old class path first and meets
            // this.
            System.err.println(Path.of("\0"));
        } catch (InvalidPathException expected) {
            System.err.println("trained");
        }
    }

    private static void plan(List<String> line, Map<String, String> environment, int expected) {
        List<String> arguments = Arrays.asList(line.toArray(new String[0]));
        if (Planner.run(arguments, environment, System.out, System.err) != expected) {
            System.exit(1);
        }
    }

    private static String variables(Path directory) throws IOException {
        return Files.writeString(directory.resolve("variables"), "C=D\n").toString();
    }

    /** What a user sees who forgot to stage in. */
    private static void missing(Path directory, String image, String pid) {
        String bundle = directory.resolve("missing").toString();
        plan(List.of(bundle, pid, image + "-missing", "true"), System.getenv(), 3);
    }

    private static void hooksAndDevices(Path directory, String image, String pid) throws IOException {
        Path hooks = Files.createDirectory(directory.resolve("hooks"));
        Files.writeString(
                hooks.resolve("a.json"),
                "{\"version\":\"1.0.0\",\"hook\":{\"path\":\"/bin/true\"},\"when\":{\"always\":true},\"stages\":[\"prestart\"]}");
        Path devices = Files.createDirectory(directory.resolve("cdi"));
        Files.writeString(
                devices.resolve("a.json"),
                "{\"cdiVersion\":\"0.6.0\",\"kind\":\"training.org/a\",\"devices\":[{\"name\":\"0\",\"containerEdits\":{\"deviceNodes\":[{\"path\":\"/dev/null\"}],"
                        + "\"env\":[\"A=B\"]}}]}");
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("PLURALITY_HOOKS_DIRS", hooks.toString());
        environment.put("PLURALITY_CDI_DIRS", devices.toString());
        String bundle = directory.resolve("additions").toString();
        plan(List.of(bundle, pid, "--device", "training.org/a=0", image, "true"), environment, 0);
    }

    /** The answer that the launcher's script gives once it has mounted is there already; the mount is a link. */
    private static void writable(Path directory, String image, String pid) throws IOException {
        Path bundle = Files.createDirectory(directory.resolve("writable"));
        for (String place :
                List.of("proc", "sys", "dev", "tmp", "etc", ".plurality/usr", ".plurality/lib", ".plurality/lib64")) {
            Files.createDirectories(bundle.resolve("root").resolve(place));
        }
        Files.writeString(
                bundle.resolve("mounted"), Long.toString(ProcessHandle.current().pid()) + "\n");
        plan(List.of(bundle.toString(), pid, "--writable-tmpfs", image, "true"), System.getenv(), 0);
    }
}
