// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.conf;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What distributions ship: a file of comments, and one of aliases. On those machines each pull reads both, and the library, which reads the same
 * in them, takes a tenth of a small pull.
 */
final class PlainToml {
    private PlainToml() {}

    /**
     * Reads blank lines, comments, {@code [table]}, and below one {@code "key" = "text"} without escapes, in ASCII.
     *
     * @return the tables, or null where there is anything else, or anything twice
     */
    static @Nullable Map<String, Object> parse(String text) {
        Map<String, Object> tables = new LinkedHashMap<>();
        @Nullable Map<String, Object> table = null;
        for (String whole : text.split("\n", -1)) {
            String line = whole.strip();
            if (!isWithin(whole, '\t', '~')) {
                return null;
            }
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            if (line.startsWith("[") && line.endsWith("]") && line.length() > 2) {
                table = new LinkedHashMap<>();
                String name = line.substring(1, line.length() - 1);
                if (!isWithin(name, 'a', 'z') || tables.put(name, table) != null) {
                    return null;
                }
            } else if (table == null || !assign(table, line)) {
                return null;
            }
        }
        return tables;
    }

    private static boolean assign(Map<String, Object> table, String line) {
        String[] parts = line.split("\"", -1);
        return parts.length == 5
                && parts[0].isEmpty()
                && parts[2].strip().equals("=")
                && parts[4].isEmpty()
                && line.indexOf('\\') < 0
                && table.put(parts[1], parts[3]) == null;
    }

    /** Of characters from one to another, and of no others that end lines. */
    private static boolean isWithin(String text, char first, char last) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < first || c > last || (c > '\t' && c < ' ')) {
                return false;
            }
        }
        return true;
    }
}
