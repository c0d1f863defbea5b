package org.plurality.credentials;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plurality.json.JsonObject;
import org.plurality.reference.ImageReference;

/**
 * One auth file: {@code auths}, {@code credHelpers}, {@code credsStore}. The longest key that is a prefix of {@code
 * registry/namespace/…} wins; Docker's older keys ({@code https://HOST/v1/}) come last.
 */
final class AuthFile {
    private static final String HUB_KEY = "https://index.docker.io/v1/";

    private final JsonObject document;

    private AuthFile(JsonObject document) {
        this.document = document;
    }

    /** What a file says of a registry: credentials, or the helper that has them. */
    sealed interface Finding {
        record Found(Credentials credentials) implements Finding {}

        /** @param server the key that the helper knows them by */
        record AskHelper(String helper, String server) implements Finding {}
    }

    static AuthFile parse(byte[] bytes) throws IOException {
        return new AuthFile(JsonObject.parse(bytes));
    }

    /** The helper that is to keep a registry's credentials; empty where they stand in the file. */
    Optional<String> helper(String registry) throws IOException {
        JsonObject helpers = document.object("credHelpers");
        String helper = helpers.optionalString(registry);
        helper = helper == null ? helpers.optionalString(server(registry)) : helper;
        helper = helper == null ? document.optionalString("credsStore") : helper;
        return helper == null || helper.isBlank() ? Optional.empty() : Optional.of(helper);
    }

    /** The key under which helpers know a registry. */
    static String server(String registry) {
        return registry.equals(ImageReference.DEFAULT_REGISTRY) ? HUB_KEY : registry;
    }

    /** The keys that stand for exactly this registry or namespace, by whichever tool. */
    private static List<String> sameKeys(String scope) {
        return scope.indexOf('/') < 0 ? keys(scope, "") : List.of(scope);
    }

    /** Whether something stands there for exactly this registry or namespace. */
    boolean has(String scope) throws IOException {
        JsonObject auths = document.object("auths");
        return sameKeys(scope).stream().anyMatch(auths::has);
    }

    /** The file with these credentials, and all else that is in it. */
    byte[] with(String scope, Credentials.Password credentials, boolean isDockers) throws IOException {
        String pair = credentials.user() + ":" + credentials.password().reveal();
        String auth = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
        JsonObject auths = without(document.object("auths"), scope)
                .with(isDockers ? server(scope) : scope, JsonObject.empty().with("auth", auth));
        return document.with("auths", auths).toBytes();
    }

    byte[] without(String scope) throws IOException {
        return document.with("auths", without(document.object("auths"), scope)).toBytes();
    }

    private static JsonObject without(JsonObject auths, String scope) {
        JsonObject left = auths;
        for (String key : sameKeys(scope)) {
            left = left.without(key);
        }
        return left;
    }

    Optional<Finding> find(String registry, String repository) throws IOException {
        String server = registry.equals(ImageReference.DEFAULT_REGISTRY) ? HUB_KEY : registry;
        JsonObject helpers = document.object("credHelpers");
        String helper = helpers.optionalString(registry);
        if (helper == null) {
            // Docker's own key for its hub.
            helper = helpers.optionalString(server);
        }
        if (helper != null) {
            return Optional.of(new Finding.AskHelper(helper, server));
        }
        JsonObject auths = document.object("auths");
        for (String key : keys(registry, repository)) {
            Credentials credentials = credentials(auths.object(key), key);
            if (credentials != null) {
                return Optional.of(new Finding.Found(credentials));
            }
        }
        String store = document.optionalString("credsStore");
        return store == null || store.isBlank() ? Optional.empty() : Optional.of(new Finding.AskHelper(store, server));
    }

    private static List<String> keys(String registry, String repository) {
        List<String> keys = new ArrayList<>();
        String prefix = repository.isEmpty() ? registry : registry + "/" + repository;
        while (prefix.length() > registry.length()) {
            keys.add(prefix);
            prefix = prefix.substring(0, prefix.lastIndexOf('/'));
        }
        keys.add(registry);
        if (registry.equals(ImageReference.DEFAULT_REGISTRY)) {
            keys.add(HUB_KEY);
            keys.add("index.docker.io");
            keys.add("registry-1.docker.io");
        }
        for (String scheme : List.of("https://", "http://")) {
            for (String path : List.of("", "/", "/v1/", "/v2/", "/v1", "/v2")) {
                keys.add(scheme + registry + path);
            }
        }
        return keys;
    }

    private static @Nullable Credentials credentials(JsonObject auth, String key) throws IOException {
        String identity = auth.optionalString("identitytoken");
        if (identity != null && !identity.isEmpty()) {
            return new Credentials.IdentityToken(new Secret(identity));
        }
        String encoded = auth.optionalString("auth");
        if (encoded == null || encoded.isEmpty()) {
            String user = auth.optionalString("username");
            String password = auth.optionalString("password");
            return user == null || password == null ? null : new Credentials.Password(user, new Secret(password));
        }
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
