// SPDX-License-Identifier: Apache-2.0
package org.plurality.advice;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A file or directory of this host that was named where an image's name belongs.
 *
 * @param path absolute
 * @param source how {@code plurality-stagein pull} reads it; null when it is no image
 */
public record ImageFile(Path path, @Nullable String source) {
    /** Transports of {@code plurality-stagein} that read a file or directory. */
    private static final String[] TRANSPORTS = {
        "sif:", "squashfs:", "docker-archive:", "oci-archive:", "oci:", "docker-daemon:"
    };

    private static final int SIF_MAGIC_AT = 32;
    private static final int TAR_MAGIC_AT = 257;
    private static final int HEAD = 512;

    /** Returns whether the text begins with the transport of a file, directory or daemon. */
    public static boolean hasTransport(String text) {
        for (String transport : TRANSPORTS) {
            if (text.startsWith(transport)) {
                return true;
            }
        }
        return false;
    }

    /** Returns whether the text can only be a path: it begins with a slash, a dot or a tilde. */
    public static boolean isPath(String text) {
        return text.startsWith("/") || text.startsWith("./") || text.startsWith("../") || text.startsWith("~");
    }

    /** Returns what lies there, if something does. */
    public static Optional<ImageFile> at(String text) {
        try {
            Path path = Path.of(text).toAbsolutePath().normalize();
            if (Files.isDirectory(path)) {
                return Optional.of(new ImageFile(path, ofDirectory(path)));
            }
            return Files.exists(path) ? Optional.of(new ImageFile(path, ofFile(path))) : Optional.empty();
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private static @Nullable String ofDirectory(Path path) {
        if (Files.exists(path.resolve("oci-layout"))) {
            return "oci:" + path;
        }
        return Files.isDirectory(path.resolve("bin")) || Files.isDirectory(path.resolve("usr")) ? "dir:" + path : null;
    }

    private static @Nullable String ofFile(Path path) {
        String head;
        try (InputStream in = Files.newInputStream(path)) {
            head = new String(in.readNBytes(HEAD), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return null;
        }
        if (head.startsWith("SIF_MAGIC", SIF_MAGIC_AT)) {
            return "sif:" + path;
        }
        if (head.startsWith("hsqs")) {
            return "squashfs:" + path;
        }
        boolean isPacked = head.startsWith("\u001f\u008b") || head.startsWith("(\u00b5/\u00fd");
        boolean isTar = head.startsWith("ustar", TAR_MAGIC_AT);
        return isTar || (isPacked && fileName(path).contains(".t")) ? "docker-archive:" + path : null;
    }

    /** Returns a name for the image in the cache: the file's without its suffix, spelled as images are. */
    public static String nameFor(String text) {
        String name = fileName(Path.of(text.substring(text.indexOf(':') + 1)));
        int dot = name.lastIndexOf('.');
        String plain = (dot > 0 ? name.substring(0, dot) : name).toLowerCase(Locale.ROOT);
        StringBuilder spelled = new StringBuilder();
        for (int i = 0; i < plain.length(); i++) {
            char c = plain.charAt(i);
            boolean isPlain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
            boolean afterPlain = !spelled.isEmpty() && Character.isLetterOrDigit(spelled.charAt(spelled.length() - 1));
            if (isPlain || (afterPlain && (c == '.' || c == '_'))) {
                spelled.append(c);
            } else if (afterPlain) {
                spelled.append('-');
            }
        }
        while (!spelled.isEmpty() && !Character.isLetterOrDigit(spelled.charAt(spelled.length() - 1))) {
            spelled.setLength(spelled.length() - 1);
        }
        return spelled.isEmpty() ? "my-image" : spelled.toString();
    }

    private static String fileName(Path path) {
        return String.valueOf(path.getFileName());
    }
}
