// SPDX-License-Identifier: Apache-2.0
/**
 * Tells whether a batch job still needs what it holds: {@link Schedulers} asks Slurm and PBS with their own
 * commands, once for many jobs. Knows no leases and no images. Unknown states are reported as unknown.
 */
@NullMarked
package org.plurality.retention.scheduler;

import org.jspecify.annotations.NullMarked;
