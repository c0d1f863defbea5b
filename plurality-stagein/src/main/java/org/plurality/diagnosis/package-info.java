/**
 * What will not work here, and why: {@link org.plurality.diagnosis.CacheDoctor} tries a cache's filesystem, {@link
 * org.plurality.diagnosis.KernelDoctor} the kernel, {@link org.plurality.diagnosis.RuntimeDoctor} the programs that containers are started
 * with. What they make they take away; nothing is set.
 */
@NullMarked
package org.plurality.diagnosis;

import org.jspecify.annotations.NullMarked;
