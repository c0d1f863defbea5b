// SPDX-License-Identifier: Apache-2.0
package org.plurality.arguments;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;

/**
 * An option with a value.
 *
 * @param <T> type of the value
 * @param option contains the value after the command line was parsed
 */
public record Value<T>(OptionSpec option) {
    /** Returns the value, or null if the option was not given. */
    public @Nullable T get() {
        return option.getValue();
    }

    public T orElse(T usual) {
        T value = get();
        return value == null ? usual : value;
    }
}
