package org.plurality.policy;

import java.util.List;
import org.plurality.signature.SigningKey;

/** What a policy wants of an image. Of several, all. */
sealed interface Requirement {
    /** Nothing. */
    record Accept() implements Requirement {}

    /** What no image has. */
    record Reject() implements Requirement {}

    /**
     * A signature by one of the keys.
     *
     * @param keys never none
     */
    record Signed(List<SigningKey> keys, SignedIdentity identity) implements Requirement {
        public Signed {
            keys = List.copyOf(keys);
            if (keys.isEmpty()) {
                throw new IllegalArgumentException("a signature by no key");
            }
        }
    }

    /**
     * Something that is not checked here: no image has it.
     *
     * @param what in words
     */
    record Unsupported(String what) implements Requirement {}
}
