// SPDX-License-Identifier: Apache-2.0
/**
 * Guesses at what a user meant: {@link Nearest} finds the word that was mistyped,
 * {@link org.plurality.advice.ImageFile} the file that was named in place of an image. Used when a command has
 * failed, never before.
 */
@NullMarked
package org.plurality.advice;

import org.jspecify.annotations.NullMarked;
