// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.plurality.bundle.UserIds;

/**
 * Who the user is, for {@code /etc/passwd} and {@code /etc/group} of the container.
 *
 * <p>The host's own files are looked at first. Where they do not know the user, the name service is asked once for a node, by {@code getent}, and the
 * answer is kept in the run directory: no rank asks a directory server.
 *
 * @param user name
 * @param group name of the primary group
 * @param comment the name's owner, may be empty
 * @param shell absolute
 */
record PasswdEntry(String user, String group, String comment, String shell) {
    private static final int MAX_FILE = 1 << 20;
    private static final int TIMEOUT_S = 10;

    /** Where accounts come from; other places in tests. */
    record Sources(Path files, String getent) {
        static Sources host() {
            return new Sources(Path.of("/etc"), "/usr/bin/getent");
        }
    }

    /**
     * @param kept a private, node-local directory for what the name service says
     * @param fallback the user's name where nobody knows it
     */
    static PasswdEntry of(UserIds ids, Path kept, String fallback, Sources sources) throws IOException {
        String[] user = line("passwd", ids.uid(), kept, sources);
        String[] group = line("group", ids.gid(), kept, sources);
        String name = user == null ? fallback : user[0];
        String shell = user == null || user.length < 7 || user[6].isEmpty() ? "/bin/sh" : user[6];
        return new PasswdEntry(
                name, group == null ? name : group[0], user == null || user.length < 5 ? "" : user[4], shell);
    }

    private static String @Nullable [] line(String database, long id, Path kept, Sources sources) throws IOException {
        String[] found = find(sources.files().resolve(database), id);
        Path answer = kept.resolve("account-" + database);
        if (found == null) {
            found = find(answer, id);
        }
        if (found == null && Files.isExecutable(Path.of(sources.getent()))) {
            ask(sources.getent(), database, id, answer);
            found = find(answer, id);
        }
        return found;
    }

    /** The fields of the line with that id, its third field. */
    private static String @Nullable [] find(Path file, long id) throws IOException {
        if (!Files.isRegularFile(file) || !Files.isReadable(file) || Files.size(file) > MAX_FILE) {
            return null;
        }
        for (String line : new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).split("\n", -1)) {
            String[] fields = line.split(":", -1);
            if (fields.length > 2 && fields[2].equals(Long.toString(id)) && !fields[0].isEmpty()) {
                return fields;
            }
        }
        return null;
    }

    private static void ask(String getent, String database, long id, Path answer) throws IOException {
        Path asked = Files.createTempFile(answer.getParent(), "account-", ".new");
        try {
            Process process = new ProcessBuilder(List.of(getent, database, Long.toString(id)))
                    .redirectOutput(asked.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (process.waitFor(TIMEOUT_S, TimeUnit.SECONDS) && process.exitValue() == 0) {
                Files.move(asked, answer, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            } else {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            Files.deleteIfExists(asked);
        }
    }
}
