/**
 * What goes wrong, in the one shape that every command reports it: a {@link org.plurality.failure.FailureKind kind} (hence the exit
 * code), a sentence, and a hint. Knows nothing of any other package.
 */
@NullMarked
package org.plurality.failure;

import org.jspecify.annotations.NullMarked;
