// SPDX-License-Identifier: Apache-2.0
package org.plurality.trust;

import org.plurality.reference.ImageReference;

/**
 * The name that an image was signed under.
 *
 * @param isBare whether it has neither tag nor digest, as cosign writes it; then the reference's tag is none that was signed
 */
record SignedName(ImageReference reference, boolean isBare) {
    /** @throws IllegalArgumentException when it is no image's name */
    static SignedName parse(String text) {
        boolean bare = text.indexOf('@') < 0 && text.lastIndexOf(':') <= text.lastIndexOf('/');
        return new SignedName(ImageReference.parse(text), bare);
    }
}
