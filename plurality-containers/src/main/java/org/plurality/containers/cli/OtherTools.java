// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers.cli;

/** Translates commands and options of other tools into hints. Empty for those that no tool has. */
final class OtherTools {
    private OtherTools() {}

    static String command(String word) {
        return switch (word) {
            case "shell" -> "plurality run NAME sh; or, in an image without a container: plurality-exec IMAGE sh";
            case "start" ->
                "plurality run -d NAME runs a container in the background, plurality run NAME in the foreground";
            case "restart" -> "plurality stop NAME, then plurality run -d NAME";
            case "kill" -> "plurality stop --time 0 NAME";
            case "attach" ->
                "plurality logs --follow NAME shows what it prints, plurality exec NAME sh is a shell in it";
            case "top" -> "plurality exec NAME ps";
            case "instance" -> "plurality run -d NAME, plurality list and plurality stop NAME";
            case "container" -> "leave 'container' out: plurality list, run, exec, stop or delete";
            case "image" -> "leave 'image' out: plurality images, pull, inspect or rm";
            case "build", "commit" ->
                "images are built by other tools: push one to a registry, or stage it in from a file with"
                        + " 'plurality pull docker-archive:FILE'";
            case "push", "tag", "save", "export" ->
                "images are only staged in: use 'skopeo copy', docker or podman to send or rename one in a registry";
            case "load", "import" -> "plurality pull docker-archive:FILE";
            case "cp" -> "its files lie in ~/.runc/container/NAME/rootfs: use cp, or --bind a directory";
            case "port", "network" -> "the network of a container is the host's";
            case "volume" -> "directories of the host are bound: plurality run --bind SRC:DST NAME";
            case "search" -> "look on the registry's own page, or use 'skopeo list-tags docker://NAME'";
            case "info" -> "plurality stagein doctor";
            case "cache", "system", "df" -> "plurality stagein usage";
            case "prune", "gc" ->
                "plurality stagein expire removes images that are not needed, plurality delete containers";
            case "doctor",
                    "verify",
                    "expire",
                    "prewarm",
                    "usage",
                    "report",
                    "pin",
                    "unpin",
                    "lease",
                    "resolve",
                    "init",
                    "daemon" -> "plurality stagein " + word;
            default -> "";
        };
    }

    /** @param command that the option was given to */
    static String option(String command, String option) {
        return switch (option) {
            case "--rm" -> "a container stays until 'plurality delete NAME'; plurality-exec IMAGE COMMAND leaves none";
            case "--name" -> "write the name without --name, behind the image: plurality create IMAGE NAME";
            case "--gpus", "--nv", "--rocm", "--device", "--mpi", "--pid", "--contain" ->
                "that is plurality-exec's: plurality-exec --help";
            case "-p", "--publish", "--net", "--network" -> "leave it out: the network is the host's";
            case "-u", "--user", "--privileged", "--cap-add" ->
                "leave it out: you are root in a container of your own, and yourself outside";
            case "--fakeroot", "-f" ->
                command.equals("run") || command.equals("exec")
                        ? "leave it out: you are root in a container of your own"
                        : "";
            case "--writable" -> "leave it out: a container of your own can be written to";
            case "--insecure-registry", "--tls-verify" ->
                "set PLURALITY_INSECURE_REGISTRIES=HOST[:PORT], or pull with 'plurality pull --insecure-registry' first";
            case "-h" -> "write --help";
            default -> "";
        };
    }
}
