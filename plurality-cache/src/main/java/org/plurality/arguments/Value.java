package org.plurality.arguments;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;

/**
 * An option with a value.
 *
 * @param <T> of the value
 * @param option has the value, once the command line is read
 */
public record Value<T>(OptionSpec option) {
    /** Null when it is not given. */
    public @Nullable T get() {
        return option.getValue();
    }

    public T orElse(T usual) {
        T value = get();
        return value == null ? usual : value;
    }
}
