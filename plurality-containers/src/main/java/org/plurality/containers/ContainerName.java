// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers;

import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/** The name of a container, fit for a directory, a host name and the runtime: a letter or digit, then up to 62 of those and {@code . _ -}. */
public record ContainerName(String value) implements Comparable<ContainerName> {
    /** A host name's. */
    private static final int MOST = 63;

    public ContainerName {
        if (!isName(value)) {
            throw new IllegalArgumentException("'" + value + "' is no container's name");
        }
    }

    /** @throws PluralityException (USAGE) when it is none */
    public static ContainerName parse(String text) throws PluralityException {
        if (!isName(text)) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot use '" + text + "' as a container's name: "
                            + (text.isEmpty() ? "it is empty" : text.length() > MOST ? "it is too long" : "it is none"),
                    "use 1 to " + MOST + " letters, digits, dots, dashes and underscores, a letter or digit first");
        }
        return new ContainerName(text);
    }

    static boolean isName(String text) {
        if (text.isEmpty() || text.length() > MOST) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            if (!plain && (i == 0 || (c != '.' && c != '_' && c != '-'))) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int compareTo(ContainerName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
