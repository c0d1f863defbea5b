// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import java.util.Map;
import java.util.Objects;
import org.plurality.reference.ImageReference;

/**
 * What images' names stood for when the job was submitted: {@code PLURALITY_PINNED}, {@code NAME=DIGEST} separated by blanks, which
 * the scheduler's side sets. A tag that was moved since means the same image in every step and task of the job.
 */
final class PinnedImages {
    static final String VARIABLE = "PLURALITY_PINNED";

    private final String pinned;

    private PinnedImages(String pinned) {
        this.pinned = pinned;
    }

    static PinnedImages of(Map<String, String> environment) {
        return new PinnedImages(environment.getOrDefault(VARIABLE, ""));
    }

    /** The image with the digest that it is pinned to, however its name was written; as given when it is not pinned. */
    String digestOf(String image) {
        int at = 0;
        while (at < pinned.length()) {
            int end = pinned.indexOf(' ', at);
            end = end < 0 ? pinned.length() : end;
            int equals = pinned.indexOf('=', at);
            if (equals > at && equals < end && isSame(image, pinned.substring(at, equals))) {
                int digest = image.indexOf('@');
                return (digest < 0 ? image : image.substring(0, digest)) + "@" + pinned.substring(equals + 1, end);
            }
            at = end + 1;
        }
        return image;
    }

    private static boolean isSame(String image, String name) {
        if (image.equals(name)) {
            return true;
        }
        try {
            ImageReference one = reference(image);
            ImageReference other = reference(name);
            return one.registry().equals(other.registry())
                    && one.repository().equals(other.repository())
                    && Objects.equals(one.tag(), other.tag())
                    && text(one).equals(text(other));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static ImageReference reference(String name) {
        return ImageReference.parse(name.startsWith("docker://") ? name.substring("docker://".length()) : name);
    }

    private static String text(ImageReference reference) {
        return reference.digest() == null ? "" : reference.digest().toString();
    }
}
