// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.shell;

import java.util.ArrayList;
import java.util.List;

/**
 * Whether a command of a script is always run, in the script's own shell: not in a branch, loop, function or subshell,
 * and not after {@code ||}.
 */
final class Nesting {
    private int depth;
    private int subshells;
    private boolean isConditional;
    private boolean wasOnlyAssigning = true;

    boolean isPlain() {
        return depth == 0 && subshells == 0 && !isConditional;
    }

    /**
     * The words of a command, without redirections and without the reserved words in front, which this takes note of.
     */
    List<String> command(List<Token> tokens) {
        List<String> words = new ArrayList<>();
        for (int i = 0; i < tokens.size(); i++) {
            if (tokens.get(i).redirects()) {
                i++;
            } else {
                words.add(tokens.get(i).text());
            }
        }
        int first = 0;
        while (first < words.size() && reserved(words.get(first))) {
            first++;
        }
        List<String> command = words.subList(first, words.size());
        wasOnlyAssigning = first == 0 && command.stream().allMatch(word -> word.matches("(?s)\\w+=.*|export"));
        return command;
    }

    /** Whether a word in front of a command belongs to the shell's grammar. */
    private boolean reserved(String word) {
        switch (word) {
            case "if", "while", "until", "for", "case", "select", "{" -> depth++;
            case "fi", "done", "esac", "}" -> depth = Math.max(0, depth - 1);
            case "then", "else", "elif", "do", "!", "in" -> {
                return true;
            }
            case "function" -> {
                return true;
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    /** @param isBare whether no word stood in front of it */
    void separator(Token token, boolean isBare) {
        switch (token.text()) {
            case "(" -> subshells++;
            // In a case it ends a pattern.
            case ")" -> subshells = Math.max(0, subshells - 1);
            case "&&" -> isConditional = isConditional || !wasOnlyAssigning;
            case "||" -> isConditional = true;
            case Token.NEW_LINE, ";", ";;", "&" -> isConditional = isConditional && isBare;
            default -> {
                // A pipe: what follows is in a subshell, as is what was in front.
                isConditional = true;
            }
        }
    }
}
