// SPDX-License-Identifier: Apache-2.0
/**
 * Verifies that published images are still what was published: {@link Verifier} compares one image with its record,
 * {@link Scrub} a part of a cache, the images that were verified longest ago first. Reads only; uses no network and
 * repairs nothing. docs/cache-format.md describes the record.
 */
@NullMarked
package org.plurality.health.verification;

import org.jspecify.annotations.NullMarked;
