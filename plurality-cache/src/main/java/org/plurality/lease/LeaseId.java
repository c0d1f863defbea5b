// SPDX-License-Identifier: Apache-2.0
package org.plurality.lease;

/**
 * The name of a lease, safe as a file name: letters, digits, {@code . _ -}, at most 128 characters, not starting with
 * a dot or hyphen.
 */
public record LeaseId(String value) {
    public LeaseId {
        if (value.isEmpty()
                || value.length() > MOST
                || value.startsWith(".")
                || value.startsWith("-")
                || !isSafe(value)) {
            throw new IllegalArgumentException("not a lease id (letters, digits, . _ -): '" + value + "'");
        }
    }

    private static final int MOST = 128;

    /** Returns the id for a name. Other characters become {@code _}, and a longer name is cut. */
    static LeaseId of(String name) {
        StringBuilder safe = new StringBuilder();
        for (int i = 0; i < name.length() && i < MOST; i++) {
            char c = name.charAt(i);
            safe.append(isSafe(c) ? c : '_');
        }
        return new LeaseId(safe.toString());
    }

    /** Returns this id with a suffix. The id is shortened if the result would be too long. */
    LeaseId with(String suffix) {
        return new LeaseId(value.substring(0, Math.min(value.length(), MOST - suffix.length())) + suffix);
    }

    @Override
    public String toString() {
        return value;
    }

    private static boolean isSafe(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!isSafe(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isSafe(char c) {
        boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return letter || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    }
}
