// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.credentials;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plurality.document.Documents;
import org.plurality.json.JsonObject;
import org.plurality.reference.ImageReference;

/**
 * One auth file: {@code auths}, {@code credHelpers}, {@code credsStore}. The longest key that is a prefix of {@code
 * registry/namespace/…} wins; Docker's older keys, which are URLs ({@code https://HOST/v1/}), stand for their host and
 * come last.
 */
final class AuthFile {
    private static final String HUB_KEY = "https://index.docker.io/v1/";

    /** For what is written: members that only other tools know stay. */
    private final JsonObject whole;

    private final AuthDocument document;

    private AuthFile(JsonObject whole, AuthDocument document) {
        this.whole = whole;
        this.document = document;
    }

    /** What a file says of a registry: credentials, or the helper that has them. */
    sealed interface Finding {
        record Found(Credentials credentials) implements Finding {}

        /** @param server the key that the helper knows them by */
        record AskHelper(String helper, String server) implements Finding {}
    }

    /** Reads a file; an empty one, as {@code touch} makes it, has nothing in it. */
    static AuthFile parse(byte[] bytes) throws IOException {
        if (new String(bytes, StandardCharsets.UTF_8).isBlank()) {
            return new AuthFile(JsonObject.empty(), new AuthDocument(null, null, null));
        }
        AuthDocument document = Documents.read(bytes, AuthDocument.class);
        return new AuthFile(JsonObject.parse(bytes), document);
    }

    /** The helper that is to keep a registry's credentials; empty where they stand in the file. */
    Optional<String> helper(String registry) {
        String helper = document.helper(registry, server(registry));
        String name = helper == null ? document.store() : helper;
        return name.isBlank() ? Optional.empty() : Optional.of(name);
    }

    /** The key under which helpers know a registry. */
    static String server(String registry) {
        return registry.equals(ImageReference.DEFAULT_REGISTRY) ? HUB_KEY : registry;
    }

    /** Whether something stands there for exactly this registry or namespace. */
    boolean has(String scope) {
        return document.allAuths().keySet().stream().anyMatch(key -> isFor(key, scope));
    }

    /** The file with these credentials, and all else that is in it. */
    byte[] with(String scope, Credentials.Password credentials, boolean isDockers) throws IOException {
        String pair = credentials.user() + ":" + credentials.password().reveal();
        String auth = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
        JsonObject auths = withoutScope(scope)
                .with(isDockers ? server(scope) : scope, JsonObject.empty().with("auth", auth));
        return whole.with("auths", auths).toBytes();
    }

    byte[] without(String scope) throws IOException {
        return whole.with("auths", withoutScope(scope)).toBytes();
    }

    private JsonObject withoutScope(String scope) throws IOException {
        JsonObject left = whole.object("auths");
        for (String key : List.copyOf(left.names())) {
            left = isFor(key, scope) ? left.without(key) : left;
        }
        return left;
    }

    Optional<Finding> find(String registry, String repository) throws IOException {
        String helper = document.helper(registry, server(registry));
        if (helper != null && !helper.isBlank()) {
            return Optional.of(new Finding.AskHelper(helper, server(registry)));
        }
        for (Map.Entry<String, AuthDocument.Entry> entry : entries(registry, repository)) {
            Credentials credentials = credentials(entry.getValue(), entry.getKey());
            if (credentials != null) {
                return Optional.of(new Finding.Found(credentials));
            }
        }
        // An empty helper of the registry's own keeps the store from it.
        boolean asksStore = helper == null && !document.store().isEmpty();
        return asksStore ? Optional.of(new Finding.AskHelper(document.store(), server(registry))) : Optional.empty();
    }

    /** What may count for an image, the most specific first. */
    private List<Map.Entry<String, AuthDocument.Entry>> entries(String registry, String repository) {
        List<Map.Entry<String, AuthDocument.Entry>> entries = new ArrayList<>();
        Map<String, AuthDocument.Entry> auths = document.allAuths();
        String scope = repository.isEmpty() ? registry : registry + "/" + repository;
        while (true) {
            AuthDocument.Entry entry = auths.get(scope);
            if (entry != null) {
                entries.add(Map.entry(scope, entry));
            }
            int slash = scope.lastIndexOf('/');
            if (slash < 0) {
                break;
            }
            scope = scope.substring(0, slash);
        }
        for (Map.Entry<String, AuthDocument.Entry> other : auths.entrySet()) {
            if (isFor(other.getKey(), registry)) {
                entries.add(other);
            }
        }
        return entries;
    }

    /** Whether a key stands for exactly this registry or namespace, by whichever tool it was written. */
    private static boolean isFor(String key, String scope) {
        return key.equals(scope) || (scope.indexOf('/') < 0 && host(key).equals(host(scope)));
    }

    /** The host that a key stands for, where it is one of a whole registry; else the key. */
    private static String host(String key) {
        String rest = key;
        for (String scheme : List.of("https://", "http://")) {
            if (key.startsWith(scheme)) {
                String place = key.substring(scheme.length());
                int slash = place.indexOf('/');
                rest = slash < 0 ? place : place.substring(0, slash);
            }
        }
        return rest.equals("index.docker.io") || rest.equals("registry-1.docker.io")
                ? ImageReference.DEFAULT_REGISTRY
                : rest;
    }

    private static @Nullable Credentials credentials(AuthDocument.Entry auth, String key) throws IOException {
        if (auth.identitytoken() != null && !auth.identitytoken().isEmpty()) {
            return new Credentials.IdentityToken(new Secret(auth.identitytoken()));
        }
        if (auth.auth() != null && !auth.auth().isEmpty()) {
            return decoded(auth.auth(), key);
        }
        return auth.username() == null
                        || auth.password() == null
                        || auth.username().isEmpty()
                ? null
                : new Credentials.Password(auth.username(), new Secret(auth.password()));
    }

    private static Credentials decoded(String encoded, String key) throws IOException {
        String decoded;
        try {
            decoded = new String(Base64.getMimeDecoder().decode(encoded), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            // Its message would show part of the secret.
            throw new IOException("the \"auth\" of " + key + " is not base64");
        }
        int colon = decoded.indexOf(':');
        if (colon < 0) {
            throw new IOException("the \"auth\" of " + key + " is not USER:PASSWORD in base64");
        }
        String password = decoded.substring(colon + 1);
        // Docker pads with NUL.
        int end = password.length();
        while (end > 0 && password.charAt(end - 1) == '\0') {
            end--;
        }
        return new Credentials.Password(decoded.substring(0, colon), new Secret(password.substring(0, end)));
    }
}
