// SPDX-License-Identifier: Apache-2.0
package org.plurality.arguments;

import picocli.CommandLine.Model.ArgSpec;

/**
 * A required parameter or option.
 *
 * @param <T> type of the value
 * @param argument contains the value after the command line was parsed
 */
public record Parameter<T>(ArgSpec argument) {
    public T get() {
        return argument.getValue();
    }
}
