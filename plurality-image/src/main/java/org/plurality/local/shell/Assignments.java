// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.shell;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.plurality.local.shell.Expansion.Unknowable;

/**
 * The variables that shell scripts set, one script after another in one shell, without running them. Plain assignments
 * have the values that a shell gives them; a variable that is not set is empty. An assignment in a branch, a loop or a
 * function, one that needs a command's output, and a command that may set variables, such as {@code .} or {@code
 * eval}, are {@linkplain #leftOut() named} and not done.
 */
public final class Assignments {
    private static final int MOST_VARIABLES = 10_000;
    private static final int MOST_LEFT_OUT = 100;

    private final Map<String, String> defaults;
    private final Map<String, String> variables = new HashMap<>();
    private final Map<String, String> unknown = new HashMap<>();
    private final Set<String> exported = new LinkedHashSet<>();
    private final List<String> leftOut = new ArrayList<>();
    private final Map<String, String> incomplete = new LinkedHashMap<>();
    private boolean ended;
    private boolean exportsAll;

    /** @param defaults variables that are exported before the first script, with the values that scripts refer to */
    public Assignments(Map<String, String> defaults) {
        this.defaults = Map.copyOf(defaults);
    }

    /** The variables that the scripts set and export, in the order in which they first did. */
    public Map<String, String> exported() {
        Map<String, String> values = new LinkedHashMap<>();
        for (String name : exported) {
            String value = variables.get(name);
            if (value != null && !unknown.containsKey(name)) {
                values.put(name, value);
            }
        }
        return values;
    }

    /**
     * Names each thing that was not done by a phrase, such as {@code "RUN, whose value is the output of a command"}.
     */
    public List<String> leftOut() {
        return List.copyOf(leftOut);
    }

    /** The exported variables whose values refer to variables that no script set, with the names of these. */
    public Map<String, String> incomplete() {
        Map<String, String> values = new LinkedHashMap<>(incomplete);
        values.keySet().retainAll(exported().keySet());
        return values;
    }

    /** Reads one script to its end, or to its {@code exit} or {@code return}. */
    public void read(String script) {
        ended = false;
        exportsAll = false;
        List<Token> command = new ArrayList<>();
        Nesting nesting = new Nesting();
        for (Token token : ShellLexer.tokens(script)) {
            if (!token.separates()) {
                command.add(token);
                continue;
            }
            boolean isWhole = !token.is("|") && !token.is("&") && !token.is("(");
            run(nesting.command(command), isWhole && nesting.isPlain());
            nesting.separator(token, command.isEmpty());
            command.clear();
            if (ended) {
                return;
            }
        }
        run(nesting.command(command), nesting.isPlain());
    }

    private void run(List<String> command, boolean isPlain) {
        int first = 0;
        while (first < command.size() && isAssignment(command.get(first))) {
            first++;
        }
        List<String> assignments = command.subList(0, first);
        List<String> words = command.subList(first, command.size());
        if (words.isEmpty()) {
            assignments.forEach(word -> assign(word, isPlain, false));
            return;
        }
        switch (words.getFirst()) {
            case "export" -> export(words, isPlain);
            case "declare", "typeset" -> {
                boolean exports = words.stream().anyMatch(word -> word.matches("-[a-zA-Z]*x[a-zA-Z]*"));
                words.stream().skip(1).filter(Assignments::isAssignment).forEach(w -> assign(w, isPlain, exports));
            }
            case "readonly", "local" ->
                words.stream().skip(1).filter(Assignments::isAssignment).forEach(w -> assign(w, isPlain, false));
            case "set" -> setOptions(words, isPlain);
            case "unset" -> unset(words, isPlain);
            case ":" -> words.stream().skip(1).forEach(word -> expand(word, isPlain));
            case "exit", "return" -> ended = isPlain;
            case ".", "source", "eval", "read", "exec", "module", "ml", "conda", "mamba", "micromamba", "spack" ->
                leave("'" + shown(String.join(" ", words)) + "', which is not run");
            default -> {
                // No other command changes its shell's variables.
            }
        }
    }

    private void export(List<String> words, boolean isPlain) {
        boolean takesBack = words.contains("-n");
        for (String word : words.subList(1, words.size())) {
            if (isAssignment(word)) {
                assign(word, isPlain, true);
            } else if (Expansion.nameEnd(word, 0) == word.length() && !word.isEmpty()) {
                if (!isPlain) {
                    leave("'export " + word + "' in a branch or loop");
                } else if (takesBack) {
                    exported.remove(word);
                } else {
                    exported.add(word);
                }
            }
        }
    }

    private void setOptions(List<String> words, boolean isPlain) {
        if (words.contains("-a") || words.contains("allexport")) {
            exportsAll = isPlain && !words.contains("+o");
        } else if (words.contains("+a")) {
            exportsAll = false;
        }
    }

    private void unset(List<String> words, boolean isPlain) {
        for (String word : words.subList(1, words.size())) {
            if (word.startsWith("-")) {
                continue;
            }
            if (!isPlain) {
                leave("'unset " + word + "' in a branch or loop");
                continue;
            }
            variables.remove(word);
            unknown.remove(word);
            exported.remove(word);
            incomplete.remove(word);
        }
    }

    private void expand(String word, boolean isPlain) {
        if (isPlain) {
            try {
                new Expansion(variables, unknown, defaults).of(word);
            } catch (Unknowable e) {
                leave("'" + shown(word) + "', which " + e.why());
            }
        }
    }

    /** {@code NAME=VALUE} or {@code NAME+=VALUE}. */
    private static boolean isAssignment(String word) {
        int end = Expansion.nameEnd(word, 0);
        return end > 0 && (word.startsWith("=", end) || word.startsWith("+=", end));
    }

    private void assign(String word, boolean isPlain, boolean exports) {
        int end = Expansion.nameEnd(word, 0);
        String name = word.substring(0, end);
        boolean adds = word.charAt(end) == '+';
        if (!isPlain) {
            leave(name + " in a branch, loop or function: " + shown(word));
            if (!variables.containsKey(name)) {
                unknown.put(name, name);
            }
            return;
        }
        if (exports || exportsAll || defaults.containsKey(name)) {
            exported.add(name);
        }
        Expansion expansion = new Expansion(variables, unknown, defaults);
        try {
            if (variables.size() >= MOST_VARIABLES) {
                throw new Unknowable("is one of more than " + MOST_VARIABLES);
            }
            String text = word.substring(end + (adds ? 2 : 1));
            boolean isHome = text.equals("~") || text.startsWith("~/");
            String value = expansion.of(isHome ? "$HOME" + text.substring(1) : text);
            String before = adds ? expansion.of("$" + name) : "";
            if (value.indexOf('\0') >= 0) {
                throw new Unknowable("has a NUL");
            }
            variables.put(name, before + value);
            unknown.remove(name);
            incomplete.remove(name);
            if (!expansion.empty().isEmpty()) {
                incomplete.put(name, String.join(", ", expansion.empty()));
            }
        } catch (Unknowable e) {
            leave(name + ", whose value " + e.why());
            variables.remove(name);
            unknown.put(name, name);
        }
    }

    private void leave(String what) {
        if (leftOut.size() < MOST_LEFT_OUT) {
            leftOut.add(what);
        }
    }

    private static String shown(String text) {
        String line = text.replaceAll("\\s+", " ");
        return line.length() > 80 ? line.substring(0, 80) + "…" : line;
    }
}
