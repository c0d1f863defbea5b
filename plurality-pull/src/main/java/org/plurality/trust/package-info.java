// SPDX-License-Identifier: Apache-2.0
/**
 * Which images may be staged in: {@link Admission} asks {@code policy.json} and the keys that the command line
 * wants signatures by. What is not understood is never accepted. Knows neither registries nor the cache.
 *
 * <p>Specification: containers-policy.json(5), without GPG ({@code signedBy}), Fulcio and Rekor.
 */
@NullMarked
package org.plurality.trust;

import org.jspecify.annotations.NullMarked;
