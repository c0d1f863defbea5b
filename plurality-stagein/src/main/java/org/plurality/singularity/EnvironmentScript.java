package org.plurality.singularity;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads assignments from shell scripts, without running them: {@code export NAME=VALUE} with quotes, with variables that were set before, and
 * with {@code ${NAME:-VALUE}}. What stands in a branch, a loop or a function, or needs a shell to be known, is passed over and counted.
 */
final class EnvironmentScript {
    private static final Pattern ASSIGNMENT = Pattern.compile("(?:export\\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)");
    private static final Pattern OPENS = Pattern.compile("(?:if|for|while|until|case)\\b.*|.*\\(\\)\\s*\\{?|\\{");
    private static final Pattern CLOSES = Pattern.compile("(?:fi|done|esac)\\b.*|\\}.*");
    private static final Pattern DEFAULT = Pattern.compile("\"?\\$\\{([A-Za-z_][A-Za-z0-9_]*):?-(.*)\\}\"?");
    private static final String USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final int MOST_VARIABLES = 10_000;

    private final Map<String, String> variables = new LinkedHashMap<>();
    private int passedOver;

    Map<String, String> variables() {
        return variables;
    }

    /** How many assignments were not understood. */
    int passedOver() {
        return passedOver;
    }

    void read(String script) {
        int depth = 0;
        for (String raw : script.split("\n", -1)) {
            String line = raw.strip();
            if (OPENS.matcher(line).matches()) {
                boolean whole = line.matches(".*\\b(fi|done|esac)\\s*|.*\\}");
                depth += whole ? 0 : 1;
            } else if (CLOSES.matcher(line).matches()) {
                depth = Math.max(0, depth - 1);
            } else {
                assign(line, depth);
            }
        }
    }

    private void assign(String line, int depth) {
        Matcher assignment = ASSIGNMENT.matcher(line);
        if (!assignment.matches()) {
            return;
        }
        String value = depth > 0 ? null : value(assignment.group(2).strip());
        if (value == null || variables.size() >= MOST_VARIABLES) {
            passedOver++;
        } else {
            variables.put(assignment.group(1), value);
        }
    }

    private @Nullable String value(String text) {
        Matcher byDefault = DEFAULT.matcher(text);
        if (byDefault.matches()) {
            String known = variables.get(byDefault.group(1));
            return known != null && !known.isEmpty() ? known : value(byDefault.group(2));
        }
        StringBuilder value = new StringBuilder();
        char quote = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote == '\'') {
                if (c == '\'') {
                    quote = 0;
                } else {
                    value.append(c);
                }
            } else if (c == '"') {
                quote = quote == 0 ? '"' : 0;
            } else if (c == '\'' && quote == 0) {
                quote = '\'';
            } else if (c == '\\' && i + 1 < text.length()) {
                char next = text.charAt(++i);
                boolean isPlain = quote == '"' && "\"$`\\".indexOf(next) < 0;
                value.append(isPlain ? "\\" : "").append(next);
            } else if (c == '$') {
                int end = reference(text, i, value);
                if (end < 0) {
                    return null;
                }
                i = end;
            } else if (c == '`' || (quote == 0 && ";&|<>(){}*?#".indexOf(c) >= 0)) {
                return null;
            } else if (quote == 0 && Character.isWhitespace(c)) {
                return null;
            } else {
                value.append(c);
            }
        }
        return quote == 0 && value.indexOf("\0") < 0 ? value.toString() : null;
    }

    /** Appends what a plain reference stands for; returns the place of its last character, or -1. */
    private int reference(String text, int dollar, StringBuilder value) {
        boolean braces = text.startsWith("{", dollar + 1);
        int start = dollar + (braces ? 2 : 1);
        int end = start;
        while (end < text.length() && (Character.isLetterOrDigit(text.charAt(end)) || text.charAt(end) == '_')) {
            end++;
        }
        if (end == start || (braces && !text.startsWith("}", end))) {
            return -1;
        }
        String name = text.substring(start, end);
        String known = variables.getOrDefault(name, name.equals("PATH") ? USUAL_PATH : null);
        if (known == null) {
            return -1;
        }
        value.append(known);
        return braces ? end : end - 1;
    }
}
