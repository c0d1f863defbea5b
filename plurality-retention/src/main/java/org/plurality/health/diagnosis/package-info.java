// SPDX-License-Identifier: Apache-2.0
/**
 * Finds what will not work on this machine, and why: {@link CacheDoctor} tests a cache's filesystem,
 * {@link KernelDoctor} the kernel, {@link RuntimeDoctor} the programs that start containers. The tests remove what
 * they create and change no settings.
 */
@NullMarked
package org.plurality.health.diagnosis;

import org.jspecify.annotations.NullMarked;
