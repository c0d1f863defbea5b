// SPDX-License-Identifier: Apache-2.0
package org.plurality.bundle;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code type=bind|tmpfs,source=...,destination=...}, as Docker and its kin write mounts; a value with a comma stands in double quotes, as in CSV.
 *
 * <table>
 * <caption>Fields</caption>
 * <tr><td>{@code type}</td><td>{@code bind} (default) or {@code tmpfs}</td></tr>
 * <tr><td>{@code source src}</td><td>of a bind; a relative one counts from the current directory</td></tr>
 * <tr><td>{@code destination dst target}</td><td>absolute, in the container</td></tr>
 * <tr><td>{@code readonly ro rw}</td><td>alone, or {@code =true}, {@code =false}</td></tr>
 * <tr><td>{@code bind-nonrecursive}</td><td>without what is mounted below the source</td></tr>
 * <tr><td>{@code tmpfs-size tmpfs-mode}</td><td>bytes, with {@code k}, {@code m} or {@code g}; octal, default 1777</td></tr>
 * </table>
 */
public final class MountSyntax {
    private MountSyntax() {}

    /**
     * @param reason for people
     * @throws IllegalArgumentException with what is wrong
     */
    public static MountRequest parse(String text, String reason) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String field : split(text)) {
            int equals = field.indexOf('=');
            String name = equals < 0 ? field : field.substring(0, equals);
            String value = equals < 0 ? "true" : field.substring(equals + 1);
            if (fields.putIfAbsent(name(name, text), value(name, value)) != null) {
                throw new IllegalArgumentException("'" + text + "' says " + name + " twice");
            }
        }
        String destination = fields.getOrDefault("destination", "");
        if (!destination.startsWith("/")) {
            throw new IllegalArgumentException("'" + text + "' has no destination that is absolute");
        }
        boolean readOnly = isOn(fields, "readonly", text);
        String type = fields.getOrDefault("type", "bind");
        if (type.equals("tmpfs")) {
            refuse(fields, List.of("source", "bind-nonrecursive"), "a bind", text);
            String mode = fields.getOrDefault("tmpfs-mode", "1777");
            return new Tmpfs(
                    Path.of(destination), bytes(fields.getOrDefault("tmpfs-size", "0"), text), mode, readOnly, reason);
        }
        if (!type.equals("bind")) {
            throw new IllegalArgumentException("'" + type + "' in '" + text + "' is neither bind nor tmpfs");
        }
        refuse(fields, List.of("tmpfs-size", "tmpfs-mode"), "a tmpfs", text);
        String source = fields.getOrDefault("source", "");
        if (source.isEmpty()) {
            throw new IllegalArgumentException("'" + text + "' has no source");
        }
        return new Bind(
                Path.of(source).toAbsolutePath().normalize(),
                Path.of(destination),
                readOnly,
                !isOn(fields, "bind-nonrecursive", text),
                reason);
    }

    private static String name(String name, String text) {
        return switch (name) {
            case "type", "source", "destination", "readonly", "bind-nonrecursive", "tmpfs-size", "tmpfs-mode" -> name;
            case "src" -> "source";
            case "dst", "target" -> "destination";
            case "ro", "rw" -> "readonly";
            default ->
                throw new IllegalArgumentException("'" + name + "' in '" + text
                        + "' is none of type, source, destination, readonly, bind-nonrecursive, tmpfs-size,"
                        + " tmpfs-mode");
        };
    }

    private static String value(String name, String value) {
        if (!name.equals("rw")) {
            return value;
        }
        return value.equals("true") ? "false" : value.equals("false") ? "true" : value;
    }

    private static boolean isOn(Map<String, String> fields, String name, String text) {
        String value = fields.getOrDefault(name, "false");
        if (!value.equals("true") && !value.equals("false") && !value.equals("1") && !value.equals("0")) {
            throw new IllegalArgumentException("'" + value + "' in '" + text + "' is neither true nor false");
        }
        return value.equals("true") || value.equals("1");
    }

    private static void refuse(Map<String, String> fields, List<String> names, String what, String text) {
        for (String name : names) {
            if (fields.containsKey(name)) {
                throw new IllegalArgumentException("'" + name + "' in '" + text + "' is for " + what + " only");
            }
        }
    }

    private static long bytes(String text, String whole) {
        int digits = 0;
        while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
            digits++;
        }
        int power =
                switch (text.substring(digits)) {
                    case "", "b" -> 0;
                    case "k", "K" -> 10;
                    case "m", "M" -> 20;
                    case "g", "G" -> 30;
                    default -> -1;
                };
        if (digits == 0 || digits > 9 || power < 0) {
            throw new IllegalArgumentException("'" + text + "' in '" + whole + "' is not a size such as 512m");
        }
        return Long.parseLong(text.substring(0, digits)) << power;
    }

    /** At commas outside of double quotes; two quotes in quotes are one. */
    private static List<String> split(String text) {
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' && quoted && i + 1 < text.length() && text.charAt(i + 1) == '"') {
                field.append(c);
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                fields.add(field.toString());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        if (quoted) {
            throw new IllegalArgumentException("a quote in '" + text + "' is not closed");
        }
        fields.add(field.toString());
        return fields;
    }
}
