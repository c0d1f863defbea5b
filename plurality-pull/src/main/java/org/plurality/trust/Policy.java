// SPDX-License-Identifier: Apache-2.0
package org.plurality.trust;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plurality.document.Documents;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/**
 * A {@code policy.json}. Members that are not known are refused, as its specification wants, also below scopes that no
 * image here has: a mistyped scope would otherwise leave its images to a weaker one.
 */
final class Policy {
    private final Path file;
    private final List<Requirement> fallback;
    private final Map<String, Map<String, List<Requirement>>> transports;

    private Policy(Path file, List<Requirement> fallback, Map<String, Map<String, List<Requirement>>> transports) {
        this.file = file;
        this.fallback = List.copyOf(fallback);
        this.transports = Map.copyOf(transports);
    }

    /**
     * The file that counts: the setting's; else the user's, {@code ~/.config/containers/policy.json}; else the site's,
     * {@code /etc/containers/policy.json}.
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
            return Optional.of(parse(file, Files.readAllBytes(file)));
        } catch (NoSuchFileException | NotDirectoryException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw unusable(file, PluralityException.reasonOf(e), e);
        }
    }

    static Policy parse(Path file, byte[] bytes) throws IOException {
        PolicyDocument document = Documents.readExactly(bytes, PolicyDocument.class);
        if (document.fallback() == null) {
            throw new IOException("\"default\" is missing");
        }
        List<Requirement> fallback = RequirementParser.parse("default", document.fallback());
        Map<String, Map<String, List<Requirement>>> transports = new HashMap<>();
        if (document.transports() != null) {
            for (var transport : document.transports().entrySet()) {
                Map<String, List<Requirement>> scopes = new HashMap<>();
                for (var scope : transport.getValue().entrySet()) {
                    PolicyScope.requireFit(transport.getKey(), scope.getKey());
                    scopes.put(scope.getKey(), RequirementParser.parse(scope.getKey(), scope.getValue()));
                }
                transports.put(transport.getKey(), scopes);
            }
        }
        return new Policy(file, fallback, transports);
    }

    /** What it wants of images of that scope: the most specific key decides alone. */
    List<Requirement> requirements(PolicyScope scope) throws PluralityException {
        Map<String, List<Requirement>> transport = transports.getOrDefault(scope.transport(), Map.of());
        List<Requirement> found = transport.getOrDefault("", fallback);
        for (String key : scope.keys()) {
            if (transport.containsKey(key)) {
                found = transport.getOrDefault(key, found);
                break;
            }
        }
        List<Requirement> requirements = new ArrayList<>();
        try {
            for (Requirement requirement : found) {
                requirements.add(requirement instanceof Requirement.SignedByFiles unread ? unread.read() : requirement);
            }
            return requirements;
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
                "repair that file, see containers-policy.json(5), or name another with --signature-policy or"
                        + " PLURALITY_SIGNATURE_POLICY",
                cause);
    }
}
