// SPDX-License-Identifier: Apache-2.0
/**
 * Failures, in the one form in which every command reports them: a {@link FailureKind kind} (which determines the
 * exit code), a message, and a hint. Uses no other package.
 */
@NullMarked
package org.plurality.failure;

import org.jspecify.annotations.NullMarked;
