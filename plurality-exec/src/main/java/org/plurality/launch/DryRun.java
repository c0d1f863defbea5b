// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.plurality.bundle.MountPlan;
import org.plurality.environment.RankEnvironment;

/** A plan, for people. */
final class DryRun {
    private DryRun() {}

    /** @param host the environment of the rank that asks */
    static String text(LaunchPlan plan, Map<String, String> host) {
        StringBuilder text = new StringBuilder();
        table(
                text,
                List.of(
                        List.of("image", plan.image()),
                        List.of("digest", plan.entry().document().digest().toString()),
                        List.of("entry", plan.entry().rootfs().toString()),
                        List.of(
                                "namespaces",
                                (plan.spec().ownProcesses() ? "user, mount, process" : "user, mount")
                                        + "; in the first, the ranks' own"
                                        + plan.own().words()),
                        List.of("directory", plan.workDirectory()),
                        List.of("command", words(plan.command()))));
        text.append("\nmounts\n");
        List<List<String>> mounts = new ArrayList<>();
        mounts.add(List.of("", "/", root(plan).toString(), plan.spec().writable() ? "rw" : "ro", "the image"));
        for (MountPlan.Mount mount : plan.mounts().mounts()) {
            mounts.add(List.of(
                    "",
                    mount.destination().toString(),
                    mount.source().toString(),
                    String.join(",", mount.options()),
                    mount.reason()));
        }
        table(text, mounts);
        text.append("\nenvironment of a rank, besides its own\n");
        List<List<String>> variables = new ArrayList<>();
        if (plan.clean()) {
            variables.add(
                    List.of("", "-", "all but " + RankEnvironment.keptPattern().replace('|', ' ')));
        }
        for (String name : RankEnvironment.DROPPED) {
            if (host.containsKey(name)) {
                variables.add(List.of("", "-", name));
            }
        }
        for (String variable : PlanFiles.strings(plan.rank().variables())) {
            String old = host.get(variable.substring(0, variable.indexOf('=')));
            variables.add(List.of("", old == null ? "+" : "~", variable.replace("\n", "\\n")));
        }
        table(text, variables);
        text.append("\ncommands\n");
        table(text, commands(plan));
        return text.toString();
    }

    /**
     * Says which programs the launcher starts, and which system calls it makes by itself. DIR is the launch's directory;
     * MOUNTER, INIT and PAUSE are the processes that the line before leaves: in the namespaces where the root is mounted, the
     * runtime's, and the one that holds the ranks' namespaces.
     */
    private static List<List<String>> commands(LaunchPlan plan) {
        List<List<String>> commands = new ArrayList<>();
        String entered = "";
        if (plan.spec().ids() == null) {
            commands.add(
                    List.of("", "mount", "/usr/bin/unshare --user --map-root-user --mount -- libexec/mounter DIR"));
            entered = "setns MOUNTER user mount; ";
        }
        boolean crun = plan.runtime().getFileName().toString().contains("crun");
        List<String> create = new ArrayList<>();
        create.add(plan.runtime().toString());
        if (crun) {
            create.add("--cgroup-manager=disabled");
        }
        create.addAll(List.of("--root", "DIR/runc", "--log", crun ? "file:DIR/runc.log" : "DIR/runc.log", "create"));
        create.addAll(List.of("--bundle", "DIR", "--pid-file", "DIR/init.pid", "NAME"));
        commands.add(List.of("", "once", entered + words(create)));
        boolean own = plan.spec().ownProcesses();
        String kinds = (own ? "user mount pid" : "user mount") + plan.own().kinds();
        commands.add(List.of(
                "",
                "hold",
                "setns INIT " + kinds + "; unshare " + kinds + "; map uid "
                        + plan.ids().uid() + " gid "
                        + plan.ids().gid() + "; " + (own ? "fork; mount /proc; " : "") + "chdir "
                        + words(List.of(plan.workDirectory())) + "; pause"));
        commands.add(List.of(
                "",
                "each rank",
                "setns PAUSE " + kinds + "; fchdir; " + (own ? "fork; " : "") + "prctl no_new_privs; execve "
                        + words(plan.command())));
        return commands;
    }

    /** Returns a line that a shell would read as these words. */
    private static String words(List<String> words) {
        StringBuilder line = new StringBuilder();
        for (String word : words) {
            boolean plain = !word.isEmpty();
            for (int i = 0; i < word.length(); i++) {
                char c = word.charAt(i);
                plain &= Character.isLetterOrDigit(c) || "_-./=:,@%+".indexOf(c) >= 0;
            }
            line.append(line.isEmpty() ? "" : " ").append(plain ? word : "'" + word.replace("'", "'\\''") + "'");
        }
        return line.toString();
    }

    /** Columns as wide as what is in them. */
    private static void table(StringBuilder text, List<List<String>> rows) {
        for (List<String> row : rows) {
            int last = row.size() - 1;
            for (int column = 0; column < last; column++) {
                String cell = row.get(column);
                int width = 0;
                for (List<String> other : rows) {
                    // The last cell of a shorter row is no column's.
                    width = column < other.size() - 1
                            ? Math.max(width, other.get(column).length())
                            : width;
                }
                text.append(cell).append(" ".repeat(width - cell.length() + 2));
            }
            text.append(row.get(last)).append('\n');
        }
    }

    /** The image's, whatever stands in for its root. */
    private static Path root(LaunchPlan plan) {
        Path root = plan.mounts().root();
        return root.isAbsolute() ? root : plan.entry().rootfs();
    }
}
