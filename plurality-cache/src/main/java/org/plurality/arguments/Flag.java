package org.plurality.arguments;

import picocli.CommandLine.Model.OptionSpec;

/**
 * An option without a value.
 *
 * @param option has the value, once the command line is read
 */
public record Flag(OptionSpec option) {
    public boolean isGiven() {
        return Boolean.TRUE.equals(option.getValue());
    }
}
