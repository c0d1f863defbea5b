/**
 * Whether a batch job still needs what it holds: {@link org.plurality.scheduler.Schedulers} asks Slurm and PBS by their own commands, once
 * for many jobs. Knows no leases and no images. What cannot be told is said to be so.
 */
@NullMarked
package org.plurality.scheduler;

import org.jspecify.annotations.NullMarked;
