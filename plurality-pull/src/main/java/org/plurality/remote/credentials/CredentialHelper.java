// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.credentials;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.plurality.document.Documents;
import org.plurality.json.JsonObject;

/**
 * {@code docker-credential-NAME get|store|erase}: what it needs on its standard input, credentials as JSON on its
 * output. At most half a minute; what it writes on standard error is not shown, because it may hold a secret.
 */
final class CredentialHelper {
    private static final String PREFIX = "docker-credential-";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int MAX_ANSWER_BYTES = 1 << 20;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private final String name;
    private final Map<String, String> environment;
    private final Duration patience;

    /** @param environment in which it is looked for on {@code PATH} and runs */
    CredentialHelper(String name, Map<String, String> environment) throws IOException {
        this(name, environment, PATIENCE);
    }

    CredentialHelper(String name, Map<String, String> environment, Duration patience) throws IOException {
        if (!NAME.matcher(name).matches()) {
            throw new IOException("'" + name + "' is no credential helper's name");
        }
        this.name = name;
        this.environment = environment;
        this.patience = patience;
    }

    Credentials get(String server) throws IOException {
        Answer answer = run("get", server.getBytes(StandardCharsets.UTF_8));
        return answer.status() == 0 ? parse(answer.bytes()) : refusal(answer.status(), answer.bytes());
    }

    void store(String server, Credentials.Password credentials) throws IOException {
        byte[] document = JsonObject.write(json -> {
            json.writeStringField("ServerURL", server);
            json.writeStringField("Username", credentials.user());
            json.writeStringField("Secret", credentials.password().reveal());
        });
        requireSuccess(run("store", document));
    }

    void erase(String server) throws IOException {
        requireSuccess(run("erase", server.getBytes(StandardCharsets.UTF_8)));
    }

    private void requireSuccess(Answer answer) throws IOException {
        if (answer.status() != 0) {
            throw new IOException(PREFIX + name + " ended with status " + answer.status());
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // Goes from one method to the next.
    private record Answer(int status, byte[] bytes) {}

    private Answer run(String action, byte[] request) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(program(), action).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            // One that asks at a terminal and waits would otherwise block the read below for ever.
            Thread.ofVirtual().start(() -> endAfterPatience(process));
            try (OutputStream input = process.getOutputStream()) {
                input.write(request);
            } catch (IOException e) {
                // One that knows a single registry need not read which is meant.
            }
            byte[] answer;
            try (InputStream output = process.getInputStream()) {
                answer = output.readNBytes(MAX_ANSWER_BYTES);
            }
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException(PREFIX + name + " did not end");
            }
            return new Answer(process.exitValue(), answer);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + PREFIX + name + " ran", e);
        } finally {
            end(process);
        }
    }

    /** Its path, looked for in the directories of {@code PATH}, never in the current one. */
    private String program() throws IOException {
        for (String directory : environment.getOrDefault("PATH", "").split(":", -1)) {
            Path program = Path.of(directory, PREFIX + name);
            if (directory.startsWith("/") && Files.isExecutable(program)) {
                return program.toString();
            }
        }
        throw new IOException(PREFIX + name + " is not on PATH");
    }

    private void endAfterPatience(Process process) {
        try {
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                end(process);
            }
        } catch (InterruptedException e) {
            end(process);
        }
    }

    /** With what it started, which may hold its output open. */
    private static void end(Process process) {
        if (process.isAlive()) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    /** What a helper answers (Docker's credential helper protocol). */
    private record HelperAnswer(
            @Nullable @JsonProperty("Username") String username,
            @Nullable @JsonProperty("Secret") String secret) {
        /** Not shown: it holds a secret. */
        @Override
        public String toString() {
            return "(secret)";
        }
    }

    private Credentials parse(byte[] answer) throws IOException {
        HelperAnswer read;
        try {
            read = Documents.read(answer, HelperAnswer.class);
        } catch (IOException e) {
            throw new IOException(PREFIX + name + " did not answer with Username and Secret in JSON", e);
        }
        String user = read.username() == null ? "" : read.username();
        String secret = read.secret() == null ? "" : read.secret();
        if (secret.isEmpty()) {
            return new Credentials.Anonymous();
        }
        if (user.isEmpty()) {
            throw new IOException(PREFIX + name + " did not answer with Username and Secret in JSON");
        }
        return user.equals("<token>")
                ? new Credentials.IdentityToken(new Secret(secret))
                : new Credentials.Password(user, new Secret(secret));
    }

    /** The protocol says it in words: a server without credentials is no error. */
    private Credentials refusal(int status, byte[] answer) throws IOException {
        if (new String(answer, StandardCharsets.UTF_8).toLowerCase(Locale.ROOT).contains("credentials not found")) {
            return new Credentials.Anonymous();
        }
        throw new IOException(PREFIX + name + " ended with status " + status);
    }
}
