// SPDX-License-Identifier: Apache-2.0
/**
 * Signatures of images as cosign makes them with a key: {@link org.plurality.signature.StoredSignature}, checked with {@link
 * org.plurality.signature.SigningKey}. What is signed is a small JSON document that names an image's digest and the name it was signed under.
 * Knows neither registries nor policies.
 *
 * <p>Specification: containers-signature(5) ("simple signing") and cosign's SIGNATURE_SPEC.
 */
@NullMarked
package org.plurality.signature;

import org.jspecify.annotations.NullMarked;
