// SPDX-License-Identifier: Apache-2.0
package org.plurality.environment;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The variables that a user asks for: {@code --env-file}, {@code PLURALITYENV_NAME} and {@code --env}, the strongest last. */
public final class ChosenVariables {
    /** In front of the name of a variable of the container. */
    public static final String PREFIX = "PLURALITYENV_";

    private final List<String> variables = new ArrayList<>();

    /**
     * {@code NAME=VALUE}, as it is: no quotes are taken away and nothing is expanded.
     *
     * @throws IllegalArgumentException when it has no name
     */
    public ChosenVariables add(String variable) {
        int equals = variable.indexOf('=');
        if (equals <= 0 || variable.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("'" + variable + "' is not NAME=VALUE");
        }
        variables.add(variable);
        return this;
    }

    /**
     * The lines of a file; empty ones, and those that begin with {@code #}, say nothing.
     *
     * @throws IllegalArgumentException naming the first line that is not {@code NAME=VALUE}
     */
    public ChosenVariables addFile(String text) {
        int number = 0;
        int start = 0;
        while (start < text.length()) {
            int end = text.indexOf('\n', start);
            String line = text.substring(start, end < 0 ? text.length() : end);
            start = end < 0 ? text.length() : end + 1;
            number++;
            if (line.endsWith("\r")) {
                line = line.substring(0, line.length() - 1);
            }
            if (!line.isBlank() && !line.startsWith("#")) {
                int equals = line.indexOf('=');
                if (equals <= 0 || line.substring(0, equals).indexOf(' ') >= 0) {
                    throw new IllegalArgumentException("line " + number + " is not NAME=VALUE");
                }
                add(line);
            }
        }
        return this;
    }

    /** What the host's environment has under {@link #PREFIX}. */
    public ChosenVariables addPrefixed(Map<String, String> host) {
        Map<String, String> found = new TreeMap<>();
        for (Map.Entry<String, String> variable : host.entrySet()) {
            if (variable.getKey().startsWith(PREFIX) && variable.getKey().length() > PREFIX.length()) {
                found.put(variable.getKey().substring(PREFIX.length()), variable.getValue());
            }
        }
        for (Map.Entry<String, String> variable : found.entrySet()) {
            variables.add(variable.getKey() + "=" + variable.getValue());
        }
        return this;
    }

    public List<String> variables() {
        return List.copyOf(variables);
    }
}
