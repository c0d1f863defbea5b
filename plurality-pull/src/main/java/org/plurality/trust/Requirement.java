// SPDX-License-Identifier: Apache-2.0
package org.plurality.trust;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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
     * A signature by one of the keys, of which some are still to be read: a policy may name files for images that are
     * never pulled here.
     *
     * @param files PEM
     * @param keys that the policy itself holds
     */
    record SignedByFiles(List<Path> files, List<SigningKey> keys, SignedIdentity identity) implements Requirement {
        public SignedByFiles {
            files = List.copyOf(files);
            keys = List.copyOf(keys);
        }

        /** @throws IOException naming the file that cannot be read */
        Signed read() throws IOException {
            List<SigningKey> all = new ArrayList<>(keys);
            for (Path file : files) {
                all.add(RequirementParser.read(file));
            }
            return new Signed(all, identity);
        }
    }

    /**
     * Something that is not checked here: no image has it.
     *
     * @param what in words
     */
    record Unsupported(String what) implements Requirement {}
}
