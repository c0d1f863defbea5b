// SPDX-License-Identifier: Apache-2.0
package org.plurality.reference;

import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The name of an image in a registry, {@code [HOST[:PORT]/]REPOSITORY[:TAG][@DIGEST]}, complete after parsing.
 *
 * <p>Docker Hub's defaults apply: without a host {@code docker.io}, there without a namespace {@code library/},
 * without tag and digest {@code latest}. The first part is a host if it contains a dot or a colon, or is {@code
 * localhost}. If both tag and digest are given, the digest decides.
 *
 * @param registry host with optional port, as people write it ({@code docker.io}, {@code [::1]:5000})
 * @param repository lower-case path, without the host
 * @param tag the tag, or null if only a digest was given
 * @param digest digest of the manifest or index, or null
 */
public record ImageReference(
        String registry,
        String repository,
        @Nullable String tag,
        @Nullable Digest digest) {
    /** The host of a name that has none. */
    public static final String DEFAULT_REGISTRY = "docker.io";

    private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /** The longest repository name that registries accept, host included. */
    private static final int MAX_NAME = 255;

    public ImageReference {
        if (!isRegistry(registry)) {
            throw new IllegalArgumentException("'" + registry + "' is not a registry host");
        }
        if (registry.length() + 1 + repository.length() > MAX_NAME) {
            throw new IllegalArgumentException("the name is longer than " + MAX_NAME + " characters");
        }
        requireRepository(repository);
        if (tag != null && !isTag(tag)) {
            throw new IllegalArgumentException("'" + tag + "' is not a tag");
        }
        if (tag == null && digest == null) {
            throw new IllegalArgumentException("neither tag nor digest");
        }
    }

    /**
     * @param text as users write it, without a leading {@code docker://}
     * @throws IllegalArgumentException if it is not a reference; the message names the invalid part
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
            // In the error the name as it was written.
            requireRepository(rest);
            rest = "library/" + rest;
        }
        if (tag == null && digest == null) {
            tag = "latest";
        }
        return new ImageReference(registry, rest, tag, digest);
    }

    /**
     * Returns a text that is no reference with its repository in lower case, as people write the names of
     * distributions; empty if that is no reference either. Tags keep their case.
     */
    public static Optional<String> inLowerCase(String text) {
        int at = text.indexOf('@');
        String name = at < 0 ? text : text.substring(0, at);
        int colon = name.lastIndexOf(':');
        int end = colon > name.lastIndexOf('/') ? colon : name.length();
        String lower = text.substring(0, end).toLowerCase(Locale.ROOT) + text.substring(end);
        try {
            ImageReference _ = parse(lower);
            return lower.equals(text) ? Optional.empty() : Optional.of(lower);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Returns the last part of the registry's manifest route: the digest if there is one, otherwise the tag. */
    public String tagOrDigest() {
        return digest != null ? digest.toString() : String.valueOf(tag);
    }

    /** Returns a reference to the same repository by digest alone. */
    public ImageReference withDigest(Digest exact) {
        return new ImageReference(registry, repository, null, exact);
    }

    /** Returns the complete form, which parses to an equal reference. */
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

    /**
     * Written by hand, as in {@link Digest}: the JVM generates a record's method on first use, which takes a twentieth
     * of a small pull.
     */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ImageReference that
                && registry.equals(that.registry)
                && repository.equals(that.repository)
                && Objects.equals(tag, that.tag)
                && Objects.equals(digest, that.digest);
    }

    @Override
    public int hashCode() {
        return Objects.hash(registry, repository, tag, digest);
    }

    private static void requireRepository(String text) {
        if (!isRepository(text)) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a repository name (lower-case letters, digits, and . _ - between them)");
        }
    }

    private static boolean isHost(String part) {
        return part.indexOf('.') >= 0 || part.indexOf(':') >= 0 || part.equals("localhost");
    }

    /**
     * Accepts names of letters, digits and hyphens separated by dots, or an IPv6 address in brackets; both with an
     * optional port.
     */
    private static boolean isRegistry(String text) {
        int bracket = text.indexOf(']');
        int colon = text.indexOf(':', Math.max(bracket, 0));
        if (colon >= 0 && !isPort(text.substring(colon + 1))) {
            return false;
        }
        String host = colon < 0 ? text : text.substring(0, colon);
        if (host.startsWith("[")) {
            return bracket == host.length() - 1 && bracket > 2 && isMadeOf(host.substring(1, bracket), "ABCDEFabcdef:");
        }
        for (String label : host.split("\\.", -1)) {
            if (label.isEmpty() || label.length() > 63 || label.startsWith("-") || !isMadeOf(label, LETTERS + "-")) {
                return false;
            }
        }
        return true;
    }

    private static boolean isPort(String text) {
        return !text.isEmpty() && text.length() <= 5 && isMadeOf(text, "");
    }

    /** Accepts parts of lower-case letters and digits, joined by one dot, one or two underscores, or hyphens. */
    private static boolean isRepository(String text) {
        for (String part : text.split("/", -1)) {
            if (!isRepositoryPart(part)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isRepositoryPart(String part) {
        int i = 0;
        while (true) {
            int start = i;
            while (i < part.length() && isLowerOrDigit(part.charAt(i))) {
                i++;
            }
            if (i == start) {
                return false;
            }
            if (i == part.length()) {
                return true;
            }
            int separator = i;
            while (i < part.length() && part.charAt(i) == part.charAt(separator)) {
                i++;
            }
            int most =
                    switch (part.charAt(separator)) {
                        case '.' -> 1;
                        case '_' -> 2;
                        case '-' -> MAX_NAME;
                        default -> 0;
                    };
            if (i - separator > most) {
                return false;
            }
        }
    }

    private static boolean isTag(String text) {
        return !text.isEmpty()
                && text.length() <= 128
                && text.charAt(0) != '.'
                && text.charAt(0) != '-'
                && isMadeOf(text, LETTERS + "._-");
    }

    private static boolean isLowerOrDigit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    }

    private static boolean isMadeOf(String text, String others) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && others.indexOf(c) < 0) {
                return false;
            }
        }
        return true;
    }
}
