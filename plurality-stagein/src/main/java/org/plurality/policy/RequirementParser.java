package org.plurality.policy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.plurality.failure.PluralityException;
import org.plurality.json.JsonObject;
import org.plurality.reference.ImageReference;
import org.plurality.signature.SigningKey;

/** Reads the requirements that stand under one key of a policy. */
final class RequirementParser {
    private RequirementParser() {}

    static List<Requirement> parse(JsonObject parent, String key) throws IOException {
        List<Requirement> requirements = new ArrayList<>();
        for (JsonObject requirement : parent.objects(key)) {
            requirements.add(parse(requirement));
        }
        if (requirements.isEmpty()) {
            throw new IOException("the list of requirements of \"" + key + "\" is empty");
        }
        return requirements;
    }

    private static Requirement parse(JsonObject json) throws IOException {
        String type = json.string("type");
        return switch (type) {
            case "insecureAcceptAnything" -> {
                requireOnly(json, type, List.of("type"));
                yield new Requirement.Accept();
            }
            case "reject" -> {
                requireOnly(json, type, List.of("type"));
                yield new Requirement.Reject();
            }
            case "sigstoreSigned" -> signed(json);
            case "signedBy" -> new Requirement.Unsupported("signatures by GPG keys (\"signedBy\")");
            default -> throw new IOException("the requirement \"" + type + "\" is not known");
        };
    }

    private static Requirement signed(JsonObject json) throws IOException {
        for (String other : List.of("fulcio", "pki")) {
            if (json.has(other)) {
                return new Requirement.Unsupported("signatures by certificates (\"" + other + "\")");
            }
        }
        for (String other :
                List.of("rekorPublicKeyPath", "rekorPublicKeyPaths", "rekorPublicKeyData", "rekorPublicKeyDatas")) {
            if (json.has(other)) {
                return new Requirement.Unsupported("a transparency log (\"" + other + "\")");
            }
        }
        requireOnly(
                json,
                "sigstoreSigned",
                List.of("type", "keyPath", "keyPaths", "keyData", "keyDatas", "signedIdentity"));
        int sources = 0;
        for (String source : List.of("keyPath", "keyPaths", "keyData", "keyDatas")) {
            sources += json.has(source) ? 1 : 0;
        }
        if (sources != 1) {
            throw new IOException("\"sigstoreSigned\" has one of keyPath, keyPaths, keyData and keyDatas");
        }
        List<String> paths = new ArrayList<>(json.strings("keyPaths"));
        List<String> datas = new ArrayList<>(json.strings("keyDatas"));
        if (json.has("keyPath")) {
            paths.add(json.string("keyPath"));
        }
        if (json.has("keyData")) {
            datas.add(json.string("keyData"));
        }
        List<SigningKey> keys = new ArrayList<>();
        for (String path : paths) {
            keys.add(read(Path.of(path)));
        }
        for (String data : datas) {
            try {
                keys.add(SigningKey.parse(Base64.getDecoder().decode(data)));
            } catch (IllegalArgumentException e) {
                throw new IOException("a \"keyData\" is not base64");
            }
        }
        if (keys.isEmpty()) {
            throw new IOException("\"sigstoreSigned\" names no key");
        }
        return new Requirement.Signed(
                keys,
                json.has("signedIdentity")
                        ? identity(json.object("signedIdentity"))
                        : new SignedIdentity.RepositoryByDigestOrExact());
    }

    /** @throws IOException naming the file */
    static SigningKey read(Path file) throws IOException {
        try {
            return SigningKey.parse(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new IOException("the key " + file + ": " + PluralityException.reasonOf(e), e);
        }
    }

    private static SignedIdentity identity(JsonObject json) throws IOException {
        String type = json.string("type");
        try {
            return switch (type) {
                case "matchExact" -> {
                    requireOnly(json, type, List.of("type"));
                    yield new SignedIdentity.Exact();
                }
                case "matchRepoDigestOrExact" -> {
                    requireOnly(json, type, List.of("type"));
                    yield new SignedIdentity.RepositoryByDigestOrExact();
                }
                case "matchRepository" -> {
                    requireOnly(json, type, List.of("type"));
                    yield new SignedIdentity.Repository();
                }
                case "exactReference" -> {
                    requireOnly(json, type, List.of("type", "dockerReference"));
                    SignedName name = SignedName.parse(json.string("dockerReference"));
                    if (name.isBare()) {
                        throw new IOException(
                                "the \"dockerReference\" of \"exactReference\" has neither tag nor digest");
                    }
                    yield new SignedIdentity.ExactReference(name.reference());
                }
                case "exactRepository" -> {
                    requireOnly(json, type, List.of("type", "dockerRepository"));
                    yield new SignedIdentity.ExactRepository(ImageReference.parse(json.string("dockerRepository")));
                }
                case "remapIdentity" -> {
                    requireOnly(json, type, List.of("type", "prefix", "signedPrefix"));
                    yield new SignedIdentity.Remapped(json.string("prefix"), json.string("signedPrefix"));
                }
                default -> throw new IOException("the signedIdentity \"" + type + "\" is not known");
            };
        } catch (IllegalArgumentException e) {
            throw new IOException("a name in \"" + type + "\": " + e.getMessage(), e);
        }
    }

    static void requireOnly(JsonObject json, String what, List<String> known) throws IOException {
        for (String name : json.names()) {
            if (!known.contains(name)) {
                throw new IOException("\"" + name + "\" is not known" + (what.isEmpty() ? "" : " in \"" + what + "\""));
            }
        }
    }
}
