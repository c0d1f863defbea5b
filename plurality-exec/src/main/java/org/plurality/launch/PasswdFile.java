// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import java.util.ArrayList;
import java.util.List;

/** The text of {@code /etc/passwd} or {@code /etc/group} with the user's line in it. */
final class PasswdFile {
    /** The field of a line in {@code passwd}. */
    private static final int SHELL = 6;

    private PasswdFile() {}

    /**
     * If the image knows the id under another name, its line is replaced; the image's shell stays, since it is there.
     * Otherwise the line goes in front of one with the same name, and else to the end.
     *
     * @param text the image's, may be empty
     * @param line the user's or the group's, without a line end
     * @param id of both
     */
    static String with(String text, String line, long id) {
        List<String> lines = new ArrayList<>();
        for (String existing : text.split("\n", -1)) {
            lines.add(existing);
        }
        if (lines.get(lines.size() - 1).isEmpty()) {
            lines.remove(lines.size() - 1);
        }
        String name = line.substring(0, line.indexOf(':'));
        boolean placed = false;
        for (int i = 0; i < lines.size(); i++) {
            String[] fields = lines.get(i).split(":", -1);
            if (fields.length > 2 && fields[2].equals(Long.toString(id))) {
                String own = withShellOf(fields, line);
                if (placed) {
                    lines.remove(i--);
                } else {
                    lines.set(i, own);
                    placed = true;
                }
            } else if (!placed && fields[0].equals(name)) {
                lines.add(i++, line);
                placed = true;
            }
        }
        if (!placed) {
            lines.add(line);
        }
        return String.join("\n", lines) + "\n";
    }

    private static String withShellOf(String[] fields, String line) {
        String[] own = line.split(":", -1);
        if (own.length <= SHELL || fields.length <= SHELL || fields[SHELL].isEmpty()) {
            // Members of a group are the image's.
            boolean group = own.length == 4 && fields.length == 4;
            return group ? line + fields[3] : line;
        }
        own[SHELL] = fields[SHELL];
        return String.join(":", own);
    }
}
