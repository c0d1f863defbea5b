// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli;

/** Translates commands and options of other tools into hints. Empty for those that no tool has. */
final class OtherTools {
    private OtherTools() {}

    static String command(String word) {
        return switch (word) {
            case "run", "exec", "shell", "start" ->
                "plurality-stagein starts nothing: plurality-exec IMAGE COMMAND runs a program in an image";
            case "ps", "top", "instance" ->
                "plurality-stagein starts no containers: 'squeue' or 'qstat' shows jobs, 'plurality list' your named containers";
            case "stop", "kill", "logs", "attach", "create", "delete", "spec" ->
                "that is for named containers: plurality " + (word.equals("kill") ? "stop" : word) + " NAME";
            case "submit", "broadcast" -> "plurality " + word;
            case "build", "commit" ->
                "images are built by other tools: push one to a registry, or stage it in from a file with"
                        + " 'plurality-stagein pull docker-archive:FILE'";
            case "push", "tag", "cp", "save", "export" ->
                "images are only staged in: use 'skopeo copy', docker or podman to send or rename one in a registry";
            case "load", "import" -> "plurality-stagein pull docker-archive:FILE";
            case "search" -> "look on the registry's own page, or use 'skopeo list-tags docker://NAME'";
            case "image" -> "leave 'image' out: plurality-stagein list, pull, inspect or rm";
            case "system" -> "plurality-stagein usage shows what the cache holds, plurality-stagein expire frees room";
            case "prune", "gc", "clean" -> "plurality-stagein expire removes what is not needed by the site's rules";
            case "cache" -> "plurality-stagein status shows the cache, plurality-stagein list its images";
            case "df", "du" -> "plurality-stagein usage";
            case "info" -> "plurality-stagein status shows the cache, plurality-stagein doctor this machine";
            case "remove", "delete-image", "del" -> "plurality-stagein rm IMAGE";
            default -> "";
        };
    }

    /** @param command that the option was given to */
    static String option(String command, String option) {
        return switch (option) {
            case "-a", "--all" -> command.equals("list") ? "leave it out: all images are listed" : "";
            case "--tls-verify", "--src-tls-verify", "--dest-tls-verify", "--nohttps", "--no-https" ->
                "write --insecure-registry HOST[:PORT] for a registry without TLS";
            case "--creds", "-u", "--docker-username", "--docker-login" ->
                "run 'plurality-stagein login REGISTRY' first";
            case "--arch", "--override-arch" -> "write --platform linux/ARCH";
            case "-t", "--tag" -> command.equals("pull") ? "write --name REFERENCE" : "";
            case "-f" -> command.equals("rm") ? "write --force" : "";
            case "-v", "--verbose" -> command.equals("list") ? "write --long" : "write --debug";
            case "-l" -> command.equals("list") ? "write --long" : "";
            case "-h" -> "write --help";
            default -> "";
        };
    }
}
