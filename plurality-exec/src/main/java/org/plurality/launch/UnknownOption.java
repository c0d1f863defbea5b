// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import java.util.ArrayList;
import java.util.List;
import org.plurality.advice.Nearest;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/** The error for an unknown option. Its hint names what to write for another tool's option, or the nearest option. */
final class UnknownOption {
    private static final String SCHEDULER =
            "resources are the scheduler's: give them to sbatch, srun or qsub, and leave this out";

    private UnknownOption() {}

    static PluralityException of(String name) {
        String known = explanation(name);
        String hint = known.isEmpty() ? "'plurality-exec --help' lists what there is" : known;
        if (known.isEmpty() && name.startsWith("--")) {
            List<String> names = new ArrayList<>();
            for (Option option : Option.values()) {
                names.addAll(option.names());
            }
            hint = Nearest.of(name, names)
                    .map(nearest -> "did you mean " + nearest + "? 'plurality-exec --help' lists what there is")
                    .orElse(hint);
        }
        return new PluralityException(
                FailureKind.USAGE, "cannot understand '" + name + "': there is no such option", hint);
    }

    private static String explanation(String name) {
        return switch (name) {
            case "--gpus", "--nvccli" ->
                "write --nv for NVIDIA's GPUs, --rocm for AMD's, or --device nvidia.com/gpu=0 for one by its CDI name";
            case "--fakeroot", "-f" ->
                "you are yourself in plurality-exec; for root in a container of your own:"
                        + " plurality create IMAGE NAME, then plurality run NAME";
            case "-u",
                    "--user",
                    "--group-add",
                    "--userns",
                    "--security",
                    "--privileged",
                    "--cap-add",
                    "--cap-drop",
                    "--security-opt",
                    "--add-caps",
                    "--drop-caps",
                    "--allow-setuid",
                    "--keep-privs",
                    "--no-privs" ->
                "leave it out: the program always runs with your own user, groups and no privileges";
            case "-w", "--writable" ->
                "write --workdir DIR for where to start; for changes to the image --writable-tmpfs, or --overlay DIR,"
                        + " which keeps them";
            case "-p",
                    "--publish",
                    "-P",
                    "--net",
                    "--network",
                    "--network-args",
                    "--hostname",
                    "--dns",
                    "--add-host",
                    "--uts" -> "leave it out: the network and its names are the node's";
            case "-d", "--detach", "--name", "--restart" ->
                "plurality-exec stays in the foreground and gives no names; for a container with a name:"
                        + " plurality create IMAGE NAME, then plurality run -d NAME";
            case "--cpus",
                    "--memory",
                    "-m",
                    "--cpuset-cpus",
                    "--cpu-shares",
                    "--shm-size",
                    "--ulimit",
                    "--pids-limit",
                    "--apply-cgroups",
                    "--cpuset-mems",
                    "--blkio-weight" -> SCHEDULER;
            case "-C", "--containall", "--ipc" ->
                "write --contain --cleanenv --pid for as little of the host as possible";
            case "--tmpfs", "--scratch", "-S" -> "write --mount type=tmpfs,destination=DIR";
            case "--read-only", "--ro" -> "leave it out: the image cannot be written to unless you say so";
            case "--volumes-from", "--link" -> "name what is to be there with --bind SRC:DST";
            case "-H" -> "write --home SRC[:DST]";
            case "-V" -> "write --version";
            case "--image" -> "write the image without --image, before the command";
            case "--container-image", "--container-mounts", "--container-workdir" ->
                "that is srun's, of the SPANK plugin; here: plurality-exec [--bind SRC:DST] [--workdir DIR] IMAGE COMMAND";
            case "-q", "--quiet", "-s", "--silent" -> "leave it out: nothing is said unless something is wrong";
            case "--verbose" -> "write --debug";
            case "--nohttps", "--no-https" ->
                "set PLURALITY_INSECURE_REGISTRIES=HOST for a registry without TLS, when it is staged in";
            case "--no-mount", "--no-init", "--no-umask", "--no-eval", "--compat", "--disable-cache", "--init" ->
                "leave it out; --contain leaves out home, current directory and /tmp of the host";
            default -> "";
        };
    }
}
