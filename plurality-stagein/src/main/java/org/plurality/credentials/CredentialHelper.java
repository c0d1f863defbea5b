package org.plurality.credentials;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.plurality.json.JsonObject;

/**
 * {@code docker-credential-NAME get}: the server's name on its standard input, credentials as JSON on its output. At most {@value
 * #PATIENCE_SECONDS} seconds; what it writes on standard error is not shown, because it may hold a secret.
 */
final class CredentialHelper {
    private static final int PATIENCE_SECONDS = 30;
    private static final int MAX_ANSWER_BYTES = 1 << 20;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private final String name;

    CredentialHelper(String name) throws IOException {
        if (!NAME.matcher(name).matches()) {
            throw new IOException("'" + name + "' is no credential helper's name");
        }
        this.name = name;
    }

    Credentials get(String server) throws IOException {
        Process process = new ProcessBuilder("docker-credential-" + name, "get")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            // One that asks at a terminal and waits would otherwise block the read below for ever.
            Thread.ofVirtual().start(() -> endAfterPatience(process));
            try (OutputStream input = process.getOutputStream()) {
                input.write(server.getBytes(StandardCharsets.UTF_8));
            }
            byte[] answer;
            try (InputStream output = process.getInputStream()) {
                answer = output.readNBytes(MAX_ANSWER_BYTES);
            }
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("docker-credential-" + name + " did not end");
            }
            return process.exitValue() == 0 ? parse(answer) : refusal(process.exitValue(), answer);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while docker-credential-" + name + " ran", e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static void endAfterPatience(Process process) {
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
        }
    }

    private Credentials parse(byte[] answer) throws IOException {
        JsonObject json;
        try {
            json = JsonObject.parse(answer);
        } catch (IOException e) {
            throw new IOException("docker-credential-" + name + " did not answer with a JSON object");
        }
        String user = json.string("Username");
        Secret secret = new Secret(json.string("Secret"));
        return user.equals("<token>") ? new Credentials.IdentityToken(secret) : new Credentials.Password(user, secret);
    }

    /** The protocol says it in words: a server without credentials is no error. */
    private Credentials refusal(int status, byte[] answer) throws IOException {
        if (new String(answer, StandardCharsets.UTF_8).toLowerCase(Locale.ROOT).contains("credentials not found")) {
            return new Credentials.Anonymous();
        }
        throw new IOException("docker-credential-" + name + " ended with status " + status);
    }
}
