// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.credentials;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/**
 * The auth files of a user, in the order in which people's other tools read them. A file named by setting or by {@code
 * REGISTRY_AUTH_FILE} is the only one read. Else: {@code $XDG_RUNTIME_DIR/containers/auth.json}, {@code
 * $XDG_CONFIG_HOME/containers/auth.json}, {@code $DOCKER_CONFIG/config.json} or {@code ~/.docker/config.json}; the
 * first that knows the registry decides. {@code registries.conf} may name credential helpers that are asked before or
 * after these files. Files are read again on each call.
 *
 * <p>A helper that is missing or fails does not stop a pull, because most images need no credentials: what went wrong
 * with it is said in what is returned.
 */
public final class CredentialStore implements CredentialSource {
    /** The name that refers to the auth files among the helpers. */
    private static final String AUTH_FILES = "containers-auth.json";

    private final List<Path> files;
    private final List<String> helpers;
    private final Map<String, String> environment;

    private CredentialStore(List<Path> files, List<String> helpers, Map<String, String> environment) {
        this.files = List.copyOf(files);
        this.helpers = List.copyOf(helpers);
        this.environment = Map.copyOf(environment);
    }

    /**
     * The same with helpers for all registries.
     *
     * @param names in the order in which they are asked; {@code containers-auth.json} refers to the auth files
     */
    public CredentialStore withHelpers(List<String> names) {
        return new CredentialStore(files, names, environment);
    }

    /**
     * @param configured the setting's file, if set
     * @param environment the process's
     */
    public static CredentialStore of(Optional<String> configured, Map<String, String> environment) {
        String explicit = configured.orElse(environment.get("REGISTRY_AUTH_FILE"));
        if (isSet(explicit)) {
            return new CredentialStore(List.of(Path.of(String.valueOf(explicit))), List.of(AUTH_FILES), environment);
        }
        List<Path> files = new ArrayList<>();
        String home = environment.getOrDefault("HOME", "/");
        String runtime = environment.get("XDG_RUNTIME_DIR");
        if (isSet(runtime)) {
            files.add(Path.of(runtime, "containers", "auth.json"));
        }
        String config = environment.get("XDG_CONFIG_HOME");
        files.add((isSet(config) ? Path.of(config) : Path.of(home, ".config"))
                .resolve("containers")
                .resolve("auth.json"));
        String docker = environment.get("DOCKER_CONFIG");
        files.add((isSet(docker) ? Path.of(docker) : Path.of(home, ".docker")).resolve("config.json"));
        return new CredentialStore(files, List.of(AUTH_FILES), environment);
    }

    @Override
    public Credentials find(String registry, String repository) throws PluralityException {
        List<String> problems = new ArrayList<>();
        for (String helper : helpers) {
            Credentials credentials = helper.equals(AUTH_FILES)
                    ? fromFiles(registry, repository, problems)
                    : ask(helper, AuthFile.server(registry), problems);
            if (!(credentials instanceof Credentials.Anonymous)) {
                return credentials;
            }
        }
        return new Credentials.Anonymous(String.join("; ", problems));
    }

    private Credentials fromFiles(String registry, String repository, List<String> problems) throws PluralityException {
        for (Path file : files) {
            Optional<AuthFile.Finding> finding;
            try {
                finding = AuthFile.parse(Files.readAllBytes(file)).find(registry, repository);
            } catch (NoSuchFileException | NotDirectoryException e) {
                // Most users have one of these files or none.
                continue;
            } catch (IOException e) {
                throw new PluralityException(
                        FailureKind.NOT_AUTHORISED,
                        "cannot use the credentials in " + file + ": " + PluralityException.reasonOf(e),
                        "repair that file, write it again with 'plurality-stagein login', or name another with"
                                + " PLURALITY_AUTH_FILE",
                        e);
            }
            Credentials credentials =
                    switch (finding.orElse(null)) {
                        case null -> new Credentials.Anonymous();
                        case AuthFile.Finding.Found found -> found.credentials();
                        case AuthFile.Finding.AskHelper asked -> ask(asked.helper(), asked.server(), problems);
                    };
            if (!(credentials instanceof Credentials.Anonymous)) {
                return credentials;
            }
        }
        return new Credentials.Anonymous();
    }

    private Credentials ask(String helper, String server, List<String> problems) {
        try {
            return new CredentialHelper(helper, environment).get(server);
        } catch (IOException e) {
            problems.add(PluralityException.reasonOf(e));
            return new Credentials.Anonymous();
        }
    }

    /** Writes these files. */
    public CredentialKeeper keeper() {
        // What lies below XDG_RUNTIME_DIR ends with the session, and batch jobs see none of it.
        Path usual = files.getFirst();
        for (Path file : files) {
            if (!isForTheSession(file)) {
                usual = file;
                break;
            }
        }
        return new CredentialKeeper(files, usual, environment);
    }

    private boolean isForTheSession(Path file) {
        String runtime = environment.get("XDG_RUNTIME_DIR");
        return isSet(runtime) && file.startsWith(Path.of(String.valueOf(runtime)));
    }

    /** Where it looks, for hints. */
    public String describe() {
        List<String> names = new ArrayList<>();
        for (Path file : files) {
            names.add(file.toString());
        }
        return String.join(", ", names);
    }

    private static boolean isSet(@Nullable String value) {
        return value != null && !value.isBlank();
    }
}
