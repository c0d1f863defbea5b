// SPDX-License-Identifier: Apache-2.0
/**
 * Finds what will not work on this machine, and why: {@link org.plurality.diagnosis.CacheDoctor} tests a cache's
 * filesystem, {@link org.plurality.diagnosis.KernelDoctor} the kernel, {@link org.plurality.diagnosis.RuntimeDoctor}
 * the programs that start containers. The tests remove what they create and change no settings.
 */
@NullMarked
package org.plurality.diagnosis;

import org.jspecify.annotations.NullMarked;
