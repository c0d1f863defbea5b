// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.credentials;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.json.JsonObject;

/**
 * Writes auth files: the first, in the order in which they are read, that has something for the registry or a helper for it; else the first that
 * outlives a login session. Files are replaced whole, with mode 0600; what is in them besides is kept. Of two that write at once the later
 * wins.
 */
public final class CredentialKeeper {
    private final List<Path> files;
    private final Path usual;
    private final Map<String, String> environment;

    /**
     * @param files in the order in which they are read
     * @param usual of these, the one that is written when none has anything
     */
    CredentialKeeper(List<Path> files, Path usual, Map<String, String> environment) {
        this.files = List.copyOf(files);
        this.usual = usual;
        this.environment = Map.copyOf(environment);
    }

    /**
     * Keeps credentials.
     *
     * @param scope {@code REGISTRY[/NAMESPACE…]}
     * @return where, in words
     */
    public String store(String scope, Credentials.Password credentials) throws PluralityException {
        Path file = usual;
        try {
            for (Path candidate : files) {
                AuthFile there = read(candidate);
                if (there.has(scope) || there.helper(registryOf(scope)).isPresent()) {
                    file = candidate;
                    break;
                }
            }
            AuthFile there = read(file);
            Optional<String> helper = there.helper(registryOf(scope));
            if (helper.isPresent()) {
                new CredentialHelper(helper.get(), environment).store(serverOf(scope), credentials);
                return "the credential helper " + helper.get();
            }
            replace(file, there.with(scope, credentials, isDockers(file)));
            return file.toString();
        } catch (IOException e) {
            throw failure("cannot keep the credentials of " + scope + " in " + file, e);
        }
    }

    /**
     * Removes credentials from wherever they are kept.
     *
     * @return from where, in words; none when there were none
     */
    public List<String> erase(String scope) throws PluralityException {
        List<String> places = new ArrayList<>();
        for (Path file : files) {
            try {
                AuthFile there = read(file);
                if (there.has(scope)) {
                    replace(file, there.without(scope));
                    places.add(file.toString());
                }
                Optional<String> helper = there.helper(registryOf(scope));
                if (helper.isPresent()) {
                    CredentialHelper program = new CredentialHelper(helper.get(), environment);
                    if (!(program.get(serverOf(scope)) instanceof Credentials.Anonymous)) {
                        program.erase(serverOf(scope));
                        places.add("the credential helper " + helper.get());
                    }
                }
            } catch (IOException e) {
                throw failure("cannot remove the credentials of " + scope + " from " + file, e);
            }
        }
        return places;
    }

    private static AuthFile read(Path file) throws IOException {
        try {
            return AuthFile.parse(Files.readAllBytes(file));
        } catch (NoSuchFileException | NotDirectoryException e) {
            return AuthFile.parse(JsonObject.empty().toBytes());
        }
    }

    private static void replace(Path file, byte[] content) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IOException("it is no file's name");
        }
        Files.createDirectories(
                parent, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        // A link, as people who keep their settings elsewhere have, stays one.
        Path target = Files.exists(file) ? file.toRealPath() : parent.resolve(file.getFileName());
        Path scratch = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID());
        try {
            try (FileChannel channel = FileChannel.open(
                    scratch,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                ByteBuffer buffer = ByteBuffer.wrap(content);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            }
            Files.move(scratch, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(scratch);
        }
    }

    private static boolean isDockers(Path file) {
        return file.endsWith("config.json");
    }

    private static String registryOf(String scope) {
        int slash = scope.indexOf('/');
        return slash < 0 ? scope : scope.substring(0, slash);
    }

    /** Helpers know namespaces by the whole of their name. */
    private static String serverOf(String scope) {
        return scope.indexOf('/') < 0 ? AuthFile.server(scope) : scope;
    }

    private static PluralityException failure(String action, IOException e) {
        return new PluralityException(
                FailureKind.OTHER,
                action + ": " + PluralityException.reasonOf(e),
                "mend or move that file, or name another with --authfile or PLURALITY_AUTH_FILE",
                e);
    }
}
