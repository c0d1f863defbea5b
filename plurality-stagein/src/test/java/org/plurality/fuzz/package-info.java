// SPDX-License-Identifier: Apache-2.0
/**
 * Parsers of what comes from outside, fed with mutated inputs: {@link org.plurality.fuzz.Fuzz} looks for new ones, and {@code FuzzCorpusTest}
 * runs those that it kept.
 */
@NullMarked
package org.plurality.fuzz;

import org.jspecify.annotations.NullMarked;
