// SPDX-License-Identifier: Apache-2.0
package org.plurality.trust;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.image.ImageSource;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;

/**
 * Decides whether an image may be staged in. Where there is no policy and no key is asked for, all may. Asks a place
 * for signatures only where one is wanted.
 */
public final class Admission {
    /** Everything may. */
    public static final Admission OF_ALL = new Admission(Optional.empty(), List.of());

    private final Optional<Policy> policy;
    private final List<SigningKey> wanted;

    private Admission(Optional<Policy> policy, List<SigningKey> wanted) {
        this.policy = policy;
        this.wanted = List.copyOf(wanted);
    }

    /**
     * Reads the policy and the keys.
     *
     * @param configured the policy that a setting names
     * @param keys files, of whose keys one has to have signed every image, besides what the policy wants
     */
    public static Admission of(Optional<String> configured, List<String> keys, Map<String, String> environment)
            throws PluralityException {
        List<SigningKey> wanted = new ArrayList<>();
        for (String key : keys) {
            try {
                wanted.add(RequirementParser.read(Path.of(key)));
            } catch (IOException e) {
                throw new PluralityException(
                        FailureKind.USAGE,
                        "cannot require a signature: " + PluralityException.reasonOf(e),
                        "name a public key in PEM, as 'cosign generate-key-pair' writes it, with --require-signature or"
                                + " PLURALITY_REQUIRE_SIGNATURE",
                        e);
            }
        }
        return new Admission(Policy.load(configured, environment), wanted);
    }

    /** Whether images of that source are all admitted without a look at them. */
    public boolean admitsUnseen(ImageSource source) throws PluralityException {
        for (Requirement requirement : requirements(source)) {
            if (!(requirement instanceof Requirement.Accept)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Refuses an image that lacks something.
     *
     * @param manifests the image's digest and those of the indexes that led to it: a signature of any of them counts
     * @param signatures of the place; empty when it has none beside its images
     * @throws PluralityException (INTEGRITY) when it is refused
     */
    public void check(ImageSource source, List<Digest> manifests, Optional<SignatureSource> signatures)
            throws PluralityException {
        for (Requirement requirement : requirements(source)) {
            switch (requirement) {
                case Requirement.Accept _ -> {
                    // As it is.
                }
                case Requirement.Reject _ ->
                    throw refused(
                            source,
                            "the policy rejects it",
                            "ask who wrote " + policyFile() + ", or name another image");
                case Requirement.Unsupported unsupported ->
                    throw refused(
                            source,
                            "the policy wants " + unsupported.what() + ", which is not checked here",
                            "use \"sigstoreSigned\" with a key in " + policyFile() + " for this image");
                case Requirement.SignedByFiles _ -> throw new IllegalStateException("its keys were read before");
                case Requirement.Signed signed -> {
                    if (!(source instanceof ImageSource.InRegistry in) || signatures.isEmpty()) {
                        throw refused(
                                source,
                                "a signature is wanted, and only images in registries have them",
                                "push it to a registry, sign it there with 'cosign sign --key', and pull it from there");
                    }
                    requireSignature(in.reference(), signed, manifests, signatures.get());
                }
            }
        }
    }

    private List<Requirement> requirements(ImageSource source) throws PluralityException {
        List<Requirement> requirements = new ArrayList<>();
        if (policy.isPresent()) {
            requirements.addAll(policy.get().requirements(PolicyScope.of(source)));
        }
        if (!wanted.isEmpty()) {
            requirements.add(new Requirement.Signed(wanted, new SignedIdentity.Repository()));
        }
        return requirements;
    }

    private static void requireSignature(
            ImageReference asked, Requirement.Signed wanted, List<Digest> manifests, SignatureSource source)
            throws PluralityException {
        String why = "it has no signature";
        for (Digest manifest : manifests) {
            for (StoredSignature signature : source.signatures(manifest)) {
                String objection = objection(asked, wanted, manifest, signature);
                if (objection.isEmpty()) {
                    return;
                }
                why = objection;
            }
        }
        throw refused(
                new ImageSource.InRegistry(asked),
                why,
                "sign it with 'cosign sign --key KEY " + asked.registry() + "/" + asked.repository() + "@"
                        + manifests.getFirst() + "', or ask who publishes it");
    }

    /** Why a signature does not speak for the image; empty when it does. */
    private static String objection(
            ImageReference asked, Requirement.Signed wanted, Digest manifest, StoredSignature signature) {
        if (wanted.keys().stream().noneMatch(signature::isBy)) {
            return "its signature is not by a key that is wanted";
        }
        try {
            StoredSignature.Claim claim = signature.claim();
            if (!claim.manifest().equals(manifest)) {
                return "its signature is one of another image, " + claim.manifest();
            }
            return wanted.identity().matches(asked, SignedName.parse(claim.reference()))
                    ? ""
                    : "its signature is for the name " + claim.reference();
        } catch (IOException | IllegalArgumentException e) {
            return "what was signed is not understood: " + e.getMessage();
        }
    }

    private String policyFile() {
        return policy.map(found -> found.file().toString()).orElse("policy.json");
    }

    private static PluralityException refused(ImageSource source, String why, String hint) {
        return new PluralityException(FailureKind.INTEGRITY, "cannot accept " + source + ": " + why, hint);
    }
}
