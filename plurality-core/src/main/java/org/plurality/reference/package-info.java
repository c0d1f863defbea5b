// SPDX-License-Identifier: Apache-2.0
/**
 * The names of images: {@link ImageReference}, {@link Digest}, {@link org.plurality.reference.Platform}. Pure
 * values that validate themselves; they use neither network nor disk.
 *
 * <p>Specification: OCI distribution and image specifications 1.1, and Docker Hub's defaults.
 */
@NullMarked
package org.plurality.reference;

import org.jspecify.annotations.NullMarked;
