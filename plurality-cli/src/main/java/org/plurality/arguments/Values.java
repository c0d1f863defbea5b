// SPDX-License-Identifier: Apache-2.0
package org.plurality.arguments;

import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.ArgSpec;

/**
 * An option or parameter that can be given several times.
 *
 * @param argument contains the values after the command line was parsed
 */
public record Values(ArgSpec argument) {
    /** Returns the values in the order in which they were given; empty if there were none. */
    public List<String> get() {
        @Nullable List<String> values = argument.getValue();
        return values == null ? List.of() : values;
    }
}
