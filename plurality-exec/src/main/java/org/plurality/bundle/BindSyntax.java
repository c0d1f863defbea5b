// SPDX-License-Identifier: Apache-2.0
package org.plurality.bundle;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code SOURCE[:DESTINATION[:ro|rw]]}, several of them separated by commas. A comma or colon that belongs to a path has a backslash in
 * front. A relative source counts from the current directory; the destination is the source's path unless named.
 */
public final class BindSyntax {
    private BindSyntax() {}

    /**
     * @param reason for people
     * @throws IllegalArgumentException with what is wrong
     */
    public static List<Bind> parse(String text, String reason) {
        List<Bind> binds = new ArrayList<>();
        for (String one : split(text, ',')) {
            if (!one.isEmpty()) {
                binds.add(bind(one, reason));
            }
        }
        if (binds.isEmpty()) {
            throw new IllegalArgumentException("'" + text + "' is not SOURCE[:DESTINATION[:ro|rw]]");
        }
        return binds;
    }

    private static Bind bind(String text, String reason) {
        List<String> parts = split(text, ':');
        if (parts.size() > 3 || parts.get(0).isEmpty()) {
            throw new IllegalArgumentException("'" + text + "' is not SOURCE[:DESTINATION[:ro|rw]]");
        }
        String mode = parts.size() == 3 ? parts.get(2) : "rw";
        if (!mode.equals("ro") && !mode.equals("rw")) {
            throw new IllegalArgumentException("'" + mode + "' in '" + text + "' is neither ro nor rw");
        }
        Path source = Path.of(plain(parts.get(0))).toAbsolutePath().normalize();
        String second = parts.size() > 1 ? plain(parts.get(1)) : "";
        Path destination = second.isEmpty() ? source : Path.of(second);
        if (!destination.isAbsolute()) {
            throw new IllegalArgumentException(
                    "the destination '" + destination + "' in '" + text + "' is not absolute");
        }
        return new Bind(source, destination, mode.equals("ro"), true, reason);
    }

    /** Splits where the separator has no backslash in front; backslashes stay. */
    private static List<String> split(String text, char separator) {
        List<String> parts = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == separator) {
                parts.add(text.substring(start, i));
                start = i + 1;
            }
        }
        parts.add(text.substring(start));
        return parts;
    }

    private static String plain(String part) {
        if (part.indexOf('\\') < 0) {
            return part;
        }
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            boolean escapes = c == '\\' && i + 1 < part.length() && ",:\\".indexOf(part.charAt(i + 1)) >= 0;
            plain.append(escapes ? part.charAt(++i) : c);
        }
        return plain.toString();
    }
}
