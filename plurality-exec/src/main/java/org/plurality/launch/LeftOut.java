// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import java.util.ArrayList;
import java.util.List;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/**
 * Standard mounts that the user does not want: {@code --no-mount}.
 *
 * @param names each of {@link #KNOWN}
 */
record LeftOut(List<String> names) {
    private static final List<String> KNOWN = List.of("tmp", "home", "cwd", "sys", "/etc/hosts", "/etc/localtime");

    LeftOut {
        names = List.copyOf(names);
    }

    /** @throws PluralityException (USAGE) when a name is not known, or its mount is needed */
    static LeftOut of(List<String> values) throws PluralityException {
        List<String> names = new ArrayList<>();
        for (String value : values) {
            for (String name : value.split(",", -1)) {
                if (!KNOWN.contains(name)) {
                    throw new PluralityException(
                            FailureKind.USAGE,
                            "cannot leave out the mount '" + name + "': it is none of " + String.join(", ", KNOWN),
                            "name those with --no-mount only; every container has /proc and a /dev");
                }
                names.add(name);
            }
        }
        return new LeftOut(names);
    }

    boolean has(String name) {
        return names.contains(name);
    }
}
