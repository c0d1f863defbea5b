// SPDX-License-Identifier: Apache-2.0
package org.plurality.trust;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.plurality.failure.PluralityException;
import org.plurality.reference.ImageReference;

/** Reads the requirements that stand under one key of a policy. */
final class RequirementParser {
    private RequirementParser() {}

    /**
     * Reads the requirements of one scope; files of keys are not looked at.
     *
     * @param scope for errors
     */
    static List<Requirement> parse(String scope, List<PolicyDocument.RequirementDocument> documents)
            throws IOException {
        List<Requirement> requirements = new ArrayList<>();
        for (PolicyDocument.RequirementDocument document : documents) {
            requirements.add(parse(document));
        }
        if (requirements.isEmpty()) {
            throw new IOException("the list of requirements of \"" + scope + "\" is empty");
        }
        return requirements;
    }

    private static Requirement parse(PolicyDocument.RequirementDocument document) throws IOException {
        String type = present("type", document.type());
        Map<String, Object> members = members(document);
        return switch (type) {
            case "insecureAcceptAnything" -> {
                requireOnly(members, type, Set.of());
                yield new Requirement.Accept();
            }
            case "reject" -> {
                requireOnly(members, type, Set.of());
                yield new Requirement.Reject();
            }
            case "sigstoreSigned" -> signed(document, members);
            case "signedBy" -> {
                requireGpg(document, members);
                yield new Requirement.Unsupported("signatures by GPG keys (\"signedBy\")");
            }
            case "signedBaseLayer" -> {
                requireOnly(members, type, Set.of("baseLayerIdentity"));
                identity(present("baseLayerIdentity", document.baseLayerIdentity()));
                yield new Requirement.Unsupported("a signature of its lowest layer (\"signedBaseLayer\")");
            }
            default -> throw new IOException("the requirement \"" + type + "\" is not known");
        };
    }

    private static void requireGpg(PolicyDocument.RequirementDocument document, Map<String, Object> members)
            throws IOException {
        requireOnly(members, "signedBy", Set.of("keyType", "keyPath", "keyPaths", "keyData", "signedIdentity"));
        requireOne(members, "signedBy", List.of("keyPath", "keyPaths", "keyData"));
        String keyType = present("keyType", document.keyType());
        if (!Set.of("GPGKeys", "signedByGPGKeys", "X509Certificates", "signedByX509CAs")
                .contains(keyType)) {
            throw new IOException("the keyType \"" + keyType + "\" is not known");
        }
        if (document.keyData() != null) {
            decoded(document.keyData());
        }
        if (document.signedIdentity() != null) {
            identity(document.signedIdentity());
        }
    }

    private static Requirement signed(PolicyDocument.RequirementDocument document, Map<String, Object> members)
            throws IOException {
        Set<String> known = new HashSet<>(members.keySet());
        known.removeAll(Set.of("keyType", "baseLayerIdentity"));
        requireOnly(members, "sigstoreSigned", known);
        requireOne(members, "sigstoreSigned", List.of("keyPath", "keyPaths", "keyData", "keyDatas", "fulcio", "pki"));
        SignedIdentity identity = document.signedIdentity() == null
                ? new SignedIdentity.RepositoryByDigestOrExact()
                : identity(document.signedIdentity());
        for (String member : List.of("fulcio", "pki")) {
            if (members.containsKey(member)) {
                return new Requirement.Unsupported("signatures by certificates (\"" + member + "\")");
            }
        }
        for (String member : members.keySet()) {
            if (member.startsWith("rekor")) {
                return new Requirement.Unsupported("a transparency log (\"" + member + "\")");
            }
        }
        List<Path> files = new ArrayList<>();
        for (String path : all(document.keyPath(), document.keyPaths())) {
            files.add(Path.of(path));
        }
        List<SigningKey> keys = new ArrayList<>();
        for (String data : all(document.keyData(), document.keyDatas())) {
            keys.add(SigningKey.parse(decoded(data)));
        }
        if (files.isEmpty() && keys.isEmpty()) {
            throw new IOException("\"sigstoreSigned\" names no key");
        }
        return new Requirement.SignedByFiles(files, keys, identity);
    }

    private static List<String> all(@Nullable String one, @Nullable List<String> several) {
        return one != null ? List.of(one) : several != null ? several : List.of();
    }

    private static byte[] decoded(String data) throws IOException {
        try {
            return Base64.getDecoder().decode(data);
        } catch (IllegalArgumentException e) {
            throw new IOException("a \"keyData\" is not base64");
        }
    }

    /** @throws IOException naming the file */
    static SigningKey read(Path file) throws IOException {
        try {
            return SigningKey.parse(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new IOException("the key " + file + ": " + PluralityException.reasonOf(e), e);
        }
    }

    private static SignedIdentity identity(PolicyDocument.IdentityDocument document) throws IOException {
        String type = present("type", document.type());
        Map<String, Object> members = members(document);
        try {
            return switch (type) {
                case "matchExact" -> {
                    requireOnly(members, type, Set.of());
                    yield new SignedIdentity.Exact();
                }
                case "matchRepoDigestOrExact" -> {
                    requireOnly(members, type, Set.of());
                    yield new SignedIdentity.RepositoryByDigestOrExact();
                }
                case "matchRepository" -> {
                    requireOnly(members, type, Set.of());
                    yield new SignedIdentity.Repository();
                }
                case "exactReference" -> {
                    requireOnly(members, type, Set.of("dockerReference"));
                    SignedName name = SignedName.parse(present("dockerReference", document.dockerReference()));
                    if (name.isBare()) {
                        throw new IOException(
                                "the \"dockerReference\" of \"exactReference\" has neither tag nor digest");
                    }
                    yield new SignedIdentity.ExactReference(name.reference());
                }
                case "exactRepository" -> {
                    requireOnly(members, type, Set.of("dockerRepository"));
                    yield new SignedIdentity.ExactRepository(
                            ImageReference.parse(present("dockerRepository", document.dockerRepository())));
                }
                case "remapIdentity" -> {
                    requireOnly(members, type, Set.of("prefix", "signedPrefix"));
                    yield new SignedIdentity.Remapped(
                            prefix(present("prefix", document.prefix())),
                            prefix(present("signedPrefix", document.signedPrefix())));
                }
                default -> throw new IOException("the signedIdentity \"" + type + "\" is not known");
            };
        } catch (IllegalArgumentException e) {
            throw new IOException("a name in \"" + type + "\": " + e.getMessage(), e);
        }
    }

    /** A registry, or a part of a name below one. */
    private static String prefix(String text) {
        int slash = text.indexOf('/');
        ImageReference _ = slash < 0
                ? new ImageReference(text, "any", "any", null)
                : new ImageReference(text.substring(0, slash), text.substring(slash + 1), "any", null);
        return text;
    }

    /** Returns the members that a record of a document has, but for its type. */
    private static Map<String, Object> members(Record document) {
        Map<String, Object> members = new TreeMap<>();
        try {
            for (RecordComponent component : document.getClass().getRecordComponents()) {
                Object value = component.getAccessor().invoke(document);
                if (value != null && !component.getName().equals("type")) {
                    members.put(component.getName(), value);
                }
            }
            return members;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("its own record", e);
        }
    }

    private static void requireOnly(Map<String, Object> members, String type, Set<String> known) throws IOException {
        for (String name : members.keySet()) {
            if (!known.contains(name)) {
                throw new IOException("\"" + name + "\" is not known in \"" + type + "\"");
            }
        }
    }

    private static void requireOne(Map<String, Object> members, String type, List<String> sources) throws IOException {
        if (sources.stream().filter(members::containsKey).count() != 1) {
            throw new IOException("\"" + type + "\" needs one of " + String.join(", ", sources));
        }
    }

    private static <T> T present(String name, @Nullable T value) throws IOException {
        if (value == null) {
            throw new IOException("\"" + name + "\" is missing");
        }
        return value;
    }
}
