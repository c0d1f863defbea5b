// SPDX-License-Identifier: Apache-2.0
/**
 * The staging agent: one process beside a scheduler's server that stages images in for held jobs, as their users,
 * and then releases the jobs. Entry type: {@link Agent}. It knows no class of stage-in: it runs
 * {@code libexec/stage-as-user}. What a user wrote is only ever an argument of that program.
 */
@NullMarked
package org.plurality.jobs;

import org.jspecify.annotations.NullMarked;
