// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.diagnosis;

import org.plurality.failure.Printable;

/**
 * The result of one check.
 *
 * @param area {@code filesystem}, {@code kernel} or {@code runtime}
 * @param check one or a few words, the same on every machine
 * @param found the result in words
 * @param hint what follows from it, and what to do; empty if nothing does
 */
public record Finding(String area, String check, Level level, String found, String hint) {
    /** The severity of a finding. */
    public enum Level {
        OK("ok"),
        /** Something is slower, missing or unknown; images run. */
        NOTE("note"),
        /** Something does not work. */
        PROBLEM("problem");

        private final String label;

        Level(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }
    }

    public Finding {
        found = Printable.line(found);
        hint = Printable.line(hint);
    }

    static Finding ok(String area, String check, String found) {
        return new Finding(area, check, Level.OK, found, "");
    }

    static Finding note(String area, String check, String found, String hint) {
        return new Finding(area, check, Level.NOTE, found, hint);
    }

    static Finding problem(String area, String check, String found, String hint) {
        return new Finding(area, check, Level.PROBLEM, found, hint);
    }
}
