package org.plurality.reference;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The operating system and processor of an image: {@code os/architecture[/variant]} in Go's names ({@code
 * linux/amd64}, {@code linux/arm64}, {@code linux/arm/v7}). {@code arm64/v8} is the same as {@code arm64}.
 */
public record Platform(
        String os, String architecture, @Nullable String variant) {
    public Platform {
        if ("v8".equals(variant) && "arm64".equals(architecture)) {
            variant = null;
        }
        if (!isPart(os) || !isPart(architecture) || (variant != null && !isPart(variant))) {
            throw new IllegalArgumentException("not a platform: '" + os + "/" + architecture + "'");
        }
    }

    /** @throws IllegalArgumentException if the text is not {@code os/architecture[/variant]} */
    public static Platform parse(String text) {
        String[] parts = text.toLowerCase(Locale.ROOT).split("/", -1);
        if (parts.length < 2 || parts.length > 3) {
            throw new IllegalArgumentException("not a platform (os/architecture[/variant]): '" + text + "'");
        }
        return new Platform(parts[0], parts[1], parts.length == 3 ? parts[2] : null);
    }

    /** Returns this machine's platform. */
    public static Platform current() {
        String architecture = System.getProperty("os.arch", "");
        return new Platform("linux", goName(architecture), null);
    }

    /** Returns a name for files: {@code linux-amd64}, {@code linux-arm-v7}. */
    public String fileName() {
        return variant == null ? os + "-" + architecture : os + "-" + architecture + "-" + variant;
    }

    @Override
    public String toString() {
        return variant == null ? os + "/" + architecture : os + "/" + architecture + "/" + variant;
    }

    private static String goName(String javaName) {
        return switch (javaName) {
            case "x86_64" -> "amd64";
            case "aarch64" -> "arm64";
            default -> javaName;
        };
    }

    private static boolean isPart(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '.') {
                return false;
            }
        }
        return !text.isEmpty() && text.length() <= 32 && text.charAt(0) != '.';
    }
}
