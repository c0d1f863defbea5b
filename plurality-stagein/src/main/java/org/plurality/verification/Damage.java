package org.plurality.verification;

import org.plurality.failure.Printable;

/**
 * Something in an entry that is not what was published.
 *
 * @param where a path in the entry's directory
 * @param what in words
 */
public record Damage(String where, String what) {
    public Damage {
        where = Printable.line(where);
        what = Printable.line(what);
    }

    @Override
    public String toString() {
        return where + ": " + what;
    }
}
