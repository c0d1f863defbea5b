// SPDX-License-Identifier: Apache-2.0
package org.plurality.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** A file that is a list of tables of one name, in the same part of TOML as {@code plurality.toml}. */
public final class TomlTables {
    private static final long MOST_BYTES = 4 << 20;

    private TomlTables() {}

    /**
     * @param name of the tables
     * @param keys that they may have
     * @return each table's keys with their values: one, or those of a list
     * @throws IOException when it is not such a file; the message names the line or the key
     */
    public static List<Map<String, List<String>>> read(Path file, String name, Collection<String> keys)
            throws IOException {
        if (Files.size(file) > MOST_BYTES) {
            throw new IOException("it has more than " + MOST_BYTES + " bytes");
        }
        List<Map<String, List<String>>> tables =
                TomlSubset.parseTables(Files.readString(file, StandardCharsets.UTF_8), name);
        if (!tables.get(0).isEmpty()) {
            throw new IOException(
                    "'" + tables.get(0).keySet().iterator().next() + "' stands before the first [[" + name + "]]");
        }
        List<String> problems = new ArrayList<>();
        for (int i = 1; i < tables.size(); i++) {
            for (String key : tables.get(i).keySet()) {
                if (!keys.contains(key)) {
                    problems.add("unknown key '" + key + "' in [[" + name + "]] number " + i);
                }
            }
        }
        if (!problems.isEmpty()) {
            throw new IOException(String.join("; ", problems));
        }
        return tables.subList(1, tables.size());
    }
}
