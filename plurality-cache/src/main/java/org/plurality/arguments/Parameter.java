package org.plurality.arguments;

import picocli.CommandLine.Model.ArgSpec;

/**
 * What has to be given.
 *
 * @param <T> of the value
 * @param argument has the value, once the command line is read
 */
public record Parameter<T>(ArgSpec argument) {
    public T get() {
        return argument.getValue();
    }
}
