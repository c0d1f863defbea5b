/**
 * Whether published images are still what was published: {@link org.plurality.verification.Verifier} compares one with its record, {@link
 * org.plurality.verification.Scrub} a part of a cache, those first that were verified longest ago. Reads only; knows no network and mends
 * nothing. The record is described in docs/cache-format.md.
 */
@NullMarked
package org.plurality.verification;

import org.jspecify.annotations.NullMarked;
