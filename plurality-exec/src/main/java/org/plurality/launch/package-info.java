// SPDX-License-Identifier: Apache-2.0
/**
 * The plan of a launch: {@link Planner} turns options, settings and a published entry into a bundle and a few lines
 * that the launcher script reads. It runs once per node and step, while ranks wait: hand-written options, our own
 * JSON reader, no logging library, and no lambdas, whose machinery is 250 classes. Opens no socket and starts no
 * process.
 */
@NullMarked
package org.plurality.launch;

import org.jspecify.annotations.NullMarked;
