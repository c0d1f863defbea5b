package org.plurality.lease;

import java.util.regex.Pattern;

/** The name of a lease, safe as a file name: letters, digits, {@code . _ -}, at most 128 characters, no dot in front. */
public record LeaseId(String value) {
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");

    public LeaseId {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException("not a lease id (letters, digits, . _ -): '" + value + "'");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
