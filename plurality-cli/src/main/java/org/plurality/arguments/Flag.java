// SPDX-License-Identifier: Apache-2.0
package org.plurality.arguments;

import picocli.CommandLine.Model.OptionSpec;

/**
 * An option without a value.
 *
 * @param option contains the value after the command line was parsed
 */
public record Flag(OptionSpec option) {
    public boolean isGiven() {
        return Boolean.TRUE.equals(option.getValue());
    }
}
