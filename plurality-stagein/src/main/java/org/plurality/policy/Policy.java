package org.plurality.policy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.json.JsonObject;

/** A {@code policy.json}. Members that are not known are refused, as its specification wants. */
final class Policy {
    private final Path file;
    private final JsonObject document;

    private Policy(Path file, JsonObject document) {
        this.file = file;
        this.document = document;
    }

    /**
     * The file that counts: the setting's; else the user's, {@code ~/.config/containers/policy.json}; else the site's, {@code
     * /etc/containers/policy.json}.
     *
     * @return empty when there is none
     */
    static Optional<Policy> load(Optional<String> configured, Map<String, String> environment)
            throws PluralityException {
        if (configured.isPresent()) {
            Path file = Path.of(configured.get());
            Optional<Policy> policy = read(file);
            if (policy.isEmpty()) {
                throw unusable(file, "there is no such file", null);
            }
            return policy;
        }
        Path user = Path.of(environment.getOrDefault("HOME", "/"), ".config", "containers", "policy.json");
        Optional<Policy> policy = read(user);
        return policy.isPresent() ? policy : read(Path.of("/etc/containers/policy.json"));
    }

    private static Optional<Policy> read(Path file) throws PluralityException {
        try {
            JsonObject document = JsonObject.parse(Files.readAllBytes(file));
            RequirementParser.requireOnly(document, "", List.of("default", "transports"));
            if (!document.has("default")) {
                throw new IOException("\"default\" is missing");
            }
            return Optional.of(new Policy(file, document));
        } catch (NoSuchFileException | NotDirectoryException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw unusable(file, PluralityException.reasonOf(e), e);
        }
    }

    /** What it wants of images of that scope: the most specific key decides alone. */
    List<Requirement> requirements(PolicyScope scope) throws PluralityException {
        try {
            JsonObject transport = document.object("transports").object(scope.transport());
            for (String key : scope.keys()) {
                if (transport.has(key)) {
                    return RequirementParser.parse(transport, key);
                }
            }
            return transport.has("")
                    ? RequirementParser.parse(transport, "")
                    : RequirementParser.parse(document, "default");
        } catch (IOException e) {
            throw unusable(file, PluralityException.reasonOf(e), e);
        }
    }

    Path file() {
        return file;
    }

    private static PluralityException unusable(Path file, String why, @Nullable Throwable cause) {
        return new PluralityException(
                FailureKind.USAGE,
                "cannot use the policy " + file + ": " + why,
                "mend that file, see containers-policy.json(5), or name another with --signature-policy or"
                        + " PLURALITY_SIGNATURE_POLICY",
                cause);
    }
}
