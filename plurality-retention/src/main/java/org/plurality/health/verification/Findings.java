// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.verification;

import java.util.ArrayList;
import java.util.List;

/** Collects damage up to a bound, and counts the rest. */
final class Findings {
    private static final int KEPT = 100;

    private final List<Damage> damage = new ArrayList<>();
    private long all;

    void add(String where, String what) {
        all++;
        if (damage.size() < KEPT) {
            damage.add(new Damage(where, what));
        }
    }

    List<Damage> damage() {
        return List.copyOf(damage);
    }

    /** Returns the number of all findings, kept or not. */
    long all() {
        return all;
    }
}
