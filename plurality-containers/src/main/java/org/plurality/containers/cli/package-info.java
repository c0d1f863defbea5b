// SPDX-License-Identifier: Apache-2.0
/**
 * {@code plurality create}, {@code run} and the other commands of named containers: options, output and exit status. {@link
 * org.plurality.containers.cli.Plurality} is the program; what the commands do is {@code container}'s.
 */
@NullMarked
package org.plurality.containers.cli;

import org.jspecify.annotations.NullMarked;
