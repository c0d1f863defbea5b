package org.plurality.reference;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of an image in a registry, {@code [HOST[:PORT]/]REPOSITORY[:TAG][@DIGEST]}, complete after parsing.
 *
 * <p>Docker Hub's defaults: without a host it is {@code docker.io}, without a namespace there {@code library/}, without tag and digest
 * {@code latest}. The first part is a host when it has a dot, a colon, or is {@code localhost}. When tag and digest are both given the
 * digest decides.
 *
 * @param registry host with optional port, as people write it ({@code docker.io}, {@code [::1]:5000})
 * @param repository lower-case path, without the host
 * @param tag the tag, or null when only a digest was given
 * @param digest of the manifest or index, or null
 */
public record ImageReference(
        String registry,
        String repository,
        @Nullable String tag,
        @Nullable Digest digest) {
    /** The host that a bare name stands for. */
    public static final String DEFAULT_REGISTRY = "docker.io";

    private static final Pattern REGISTRY = Pattern.compile(
            "(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\\.[A-Za-z0-9][A-Za-z0-9-]{0,62})*|\\[[0-9a-fA-F:]{2,45}])(?::[0-9]{1,5})?");
    private static final Pattern REPOSITORY =
            Pattern.compile("[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*");
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");

    /** Longest repository name that registries accept, host included. */
    private static final int MAX_NAME = 255;

    public ImageReference {
        if (!REGISTRY.matcher(registry).matches()) {
            throw new IllegalArgumentException("'" + registry + "' is not a registry host");
        }
        // The length comes first: the pattern backtracks on long input.
        if (registry.length() + 1 + repository.length() > MAX_NAME) {
            throw new IllegalArgumentException("the name is longer than " + MAX_NAME + " characters");
        }
        if (!REPOSITORY.matcher(repository).matches()) {
            throw new IllegalArgumentException("'" + repository
                    + "' is not a repository name (lower-case letters, digits, and . _ - between them)");
        }
        if (tag != null && !TAG.matcher(tag).matches()) {
            throw new IllegalArgumentException("'" + tag + "' is not a tag");
        }
        if (tag == null && digest == null) {
            throw new IllegalArgumentException("neither tag nor digest");
        }
    }

    /**
     * @param text as users write it, without a {@code docker://} in front
     * @throws IllegalArgumentException when it is not a reference; the message says which part
     */
    public static ImageReference parse(String text) {
        if (text.length() > 2 * MAX_NAME + 200) {
            throw new IllegalArgumentException("the name is longer than any image's");
        }
        String rest = text;
        Digest digest = null;
        int at = rest.indexOf('@');
        if (at >= 0) {
            digest = Digest.parse(rest.substring(at + 1));
            rest = rest.substring(0, at);
        }
        String tag = null;
        int colon = rest.lastIndexOf(':');
        if (colon > rest.lastIndexOf('/')) {
            tag = rest.substring(colon + 1);
            rest = rest.substring(0, colon);
        }
        int slash = rest.indexOf('/');
        String first = slash < 0 ? "" : rest.substring(0, slash);
        String registry = DEFAULT_REGISTRY;
        if (isHost(first)) {
            registry = first;
            rest = rest.substring(slash + 1);
        }
        if (registry.equals("index.docker.io")) {
            registry = DEFAULT_REGISTRY;
        }
        if (registry.equals(DEFAULT_REGISTRY) && rest.indexOf('/') < 0) {
            rest = "library/" + rest;
        }
        if (tag == null && digest == null) {
            tag = "latest";
        }
        return new ImageReference(registry, rest, tag, digest);
    }

    /** What the registry's manifest route takes: the digest when there is one, else the tag. */
    public String tagOrDigest() {
        return digest != null ? digest.toString() : String.valueOf(tag);
    }

    /** The same image by digest alone. */
    public ImageReference withDigest(Digest exact) {
        return new ImageReference(registry, repository, null, exact);
    }

    /** The complete form, which parses to an equal reference. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(registry).append('/').append(repository);
        if (tag != null) {
            text.append(':').append(tag);
        }
        if (digest != null) {
            text.append('@').append(digest);
        }
        return text.toString();
    }

    private static boolean isHost(String part) {
        return part.indexOf('.') >= 0 || part.indexOf(':') >= 0 || part.equals("localhost");
    }
}
