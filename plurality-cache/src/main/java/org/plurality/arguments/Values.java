package org.plurality.arguments;

import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.ArgSpec;

/**
 * What can be given several times.
 *
 * @param argument has the values, once the command line is read
 */
public record Values(ArgSpec argument) {
    /** In the order in which they are given; none when none is. */
    public List<String> get() {
        @Nullable List<String> values = argument.getValue();
        return values == null ? List.of() : values;
    }
}
