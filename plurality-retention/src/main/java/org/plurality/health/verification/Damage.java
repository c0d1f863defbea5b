// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.verification;

import org.plurality.failure.Printable;

/**
 * A difference between an entry and what was published.
 *
 * @param where a path in the entry's directory
 * @param what the difference in words
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
