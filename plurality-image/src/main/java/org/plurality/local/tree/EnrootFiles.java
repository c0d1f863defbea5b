// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.tree;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.plurality.display.Progress;
import org.plurality.local.shell.Assignments;
import org.plurality.local.shell.ShellLexer;
import org.plurality.reference.Platform;

/**
 * Reads the configuration that enroot keeps in an image's tree. {@code /etc/environment} has the variables, one in each
 * line and without quotes; {@code /etc/rc} is a script that goes to the working directory and executes the entrypoint
 * and the command.
 *
 * <pre>
 * cd "/workspace" && unset OLDPWD || exit 1
 * if [ $# -gt 0 ]; then
 *     exec '/entry.sh' "$@"
 * else
 *     exec '/entry.sh' 'bash'
 * fi
 * </pre>
 */
public final class EnrootFiles {
    private static final int MAX_BYTES = 1 << 20;
    private static final Pattern WORKING_DIRECTORY =
            Pattern.compile("(?m)^\\s*cd\\s+(\\S.*?)\\s*(?:&&.*|\\|\\|.*|;.*)?$");
    private static final Pattern EXEC = Pattern.compile("(?m)^\\s*exec\\s+(.*)$");
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][^=\\s]*=.*");
    private static final String ARGUMENTS = "\"$@\"";

    private EnrootFiles() {}

    /** The configuration of a tree: what enroot's files say, or a bare one where {@code /etc/rc} is not enroot's. */
    public static TreeConfig config(FileTree tree, Platform platform, Progress progress) throws IOException {
        String script = text(tree, "etc/rc").orElse("");
        List<List<String>> commands = new ArrayList<>();
        for (Matcher exec = EXEC.matcher(script); exec.find(); ) {
            commands.add(ShellLexer.words(exec.group(1)));
        }
        boolean isEnroot = commands.size() == 2
                && !commands.get(0).isEmpty()
                && commands.get(0).getLast().equals(ARGUMENTS);
        if (!isEnroot) {
            return TreeConfig.bare(platform);
        }
        List<String> entrypoint =
                plain(commands.get(0).subList(0, commands.get(0).size() - 1));
        List<String> whole = plain(commands.get(1));
        boolean begins = whole.size() >= entrypoint.size()
                && whole.subList(0, entrypoint.size()).equals(entrypoint);
        if (!begins) {
            progress.note("left out the command in /etc/rc, which enroot did not write so");
        }
        Matcher directory = WORKING_DIRECTORY.matcher(script);
        String workingDirectory = directory.find() ? plain(directory.group(1)) : "";
        return new TreeConfig(
                platform,
                environment(text(tree, "etc/environment").orElse(""), progress),
                entrypoint,
                begins ? whole.subList(entrypoint.size(), whole.size()) : List.of(),
                workingDirectory.equals("/") ? "" : workingDirectory,
                new TreeMap<>());
    }

    /** A line that is no variable's is the rest of a value with line breaks, which enroot loses too, or a comment. */
    private static List<String> environment(String text, Progress progress) {
        List<String> variables = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            if (VARIABLE.matcher(line).matches()) {
                variables.add(line);
            } else if (!line.isBlank() && !line.startsWith("#")) {
                progress.note("left out a line of /etc/environment that sets no variable: " + line);
            }
        }
        return variables;
    }

    private static List<String> plain(List<String> words) {
        return words.stream().map(EnrootFiles::plain).toList();
    }

    private static String plain(String word) {
        Assignments one = new Assignments(Map.of());
        one.read("export WORD=" + word);
        return one.exported().getOrDefault("WORD", word);
    }

    private static Optional<String> text(FileTree tree, String path) throws IOException {
        return tree.read(path, MAX_BYTES).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }
}
