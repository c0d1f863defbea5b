// SPDX-License-Identifier: Apache-2.0
package org.plurality.manual;

import java.util.List;

/**
 * A command.
 *
 * @param name as it is typed, with the commands above it
 * @param synopsis its calls, a line each
 */
record ManualPage(
        String name,
        String purpose,
        List<String> synopsis,
        List<Row> arguments,
        List<Row> options,
        List<ManualPage> subcommands) {

    /** What is typed, and what it means. */
    record Row(String term, String meaning) {}
}
