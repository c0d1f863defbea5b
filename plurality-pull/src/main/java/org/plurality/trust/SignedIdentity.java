// SPDX-License-Identifier: Apache-2.0
package org.plurality.trust;

import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;

/** Which names in a signature speak for an image that was asked for by its own. */
sealed interface SignedIdentity {
    boolean matches(ImageReference asked, SignedName signed);

    /** The same name, tag and digest included. */
    record Exact() implements SignedIdentity {
        @Override
        public boolean matches(ImageReference asked, SignedName signed) {
            return !signed.isBare() && signed.reference().equals(asked);
        }
    }

    /**
     * The same name and tag. For what was asked for by digest alone, the same repository: that the digest was signed is
     * known already. The default.
     */
    record RepositoryByDigestOrExact() implements SignedIdentity {
        @Override
        public boolean matches(ImageReference asked, SignedName signed) {
            if (!isSameRepository(asked, signed.reference())) {
                return false;
            }
            if (asked.tag() == null) {
                return true;
            }
            Digest digest = signed.reference().digest();
            return !signed.isBare()
                    && asked.tag().equals(signed.reference().tag())
                    && (digest == null || digest.equals(asked.digest()));
        }
    }

    /** The same repository, whatever the tag: what cosign's signatures, which name no tag, can fulfil. */
    record Repository() implements SignedIdentity {
        @Override
        public boolean matches(ImageReference asked, SignedName signed) {
            return isSameRepository(asked, signed.reference());
        }
    }

    /** This name, whatever was asked for. */
    record ExactReference(ImageReference reference) implements SignedIdentity {
        @Override
        public boolean matches(ImageReference asked, SignedName signed) {
            return !signed.isBare() && signed.reference().equals(reference);
        }
    }

    /** This repository, whatever was asked for. */
    record ExactRepository(ImageReference repository) implements SignedIdentity {
        @Override
        public boolean matches(ImageReference asked, SignedName signed) {
            return isSameRepository(repository, signed.reference());
        }
    }

    /**
     * Names below one prefix are signed under another: of mirrors. Then as {@link RepositoryByDigestOrExact}.
     *
     * @param prefix {@code HOST[:PORT][/NAMESPACE…][/REPOSITORY]}
     */
    record Remapped(String prefix, String signedPrefix) implements SignedIdentity {
        @Override
        public boolean matches(ImageReference asked, SignedName signed) {
            String name = asked.registry() + "/" + asked.repository();
            ImageReference expected = asked;
            if (name.equals(prefix) || name.startsWith(prefix + "/")) {
                try {
                    String remapped = signedPrefix + name.substring(prefix.length());
                    int slash = remapped.indexOf('/');
                    expected = new ImageReference(
                            remapped.substring(0, Math.max(0, slash)),
                            remapped.substring(slash + 1),
                            asked.tag(),
                            asked.digest());
                } catch (IllegalArgumentException e) {
                    return false;
                }
            }
            return new RepositoryByDigestOrExact().matches(expected, signed);
        }
    }

    private static boolean isSameRepository(ImageReference one, ImageReference other) {
        return one.registry().equals(other.registry()) && one.repository().equals(other.repository());
    }
}
