// SPDX-License-Identifier: Apache-2.0
/**
 * The command line of {@code plurality-stagein}: {@link StageIn} is its main class. A command turns options into
 * one request, makes one call and prints. Results go to standard output, everything else to standard error.
 */
@NullMarked
package org.plurality.cli;

import org.jspecify.annotations.NullMarked;
