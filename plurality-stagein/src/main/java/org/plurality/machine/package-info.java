/**
 * What this machine is like: {@link org.plurality.machine.Filesystem} says what a directory lies on. Asked by {@code doctor}, and by what
 * chooses how images are kept. Changes nothing.
 */
@NullMarked
package org.plurality.machine;

import org.jspecify.annotations.NullMarked;
