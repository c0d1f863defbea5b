// SPDX-License-Identifier: Apache-2.0
/**
 * The progress of a stage-in for people and programs: {@link org.plurality.progress.Progress}. Written to standard
 * error only. Knows nothing of how images are fetched.
 */
@NullMarked
package org.plurality.progress;

import org.jspecify.annotations.NullMarked;
