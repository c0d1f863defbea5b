// SPDX-License-Identifier: Apache-2.0
package org.plurality.reference;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The operating system and processor of an image: {@code os/architecture[/variant]} in Go's names ({@code linux/amd64},
 * {@code linux/arm64}, {@code linux/arm/v7}). Other names of the same are replaced by these, as containerd replaces
 * them: {@code x86_64} is {@code amd64}, {@code armhf} is {@code arm/v7}, and {@code arm64/v8} and {@code amd64/v1} are
 * the same as without a variant.
 */
public record Platform(
        String os, String architecture, @Nullable String variant) {
    public Platform {
        if (variant == null) {
            variant = impliedVariant(architecture);
        }
        architecture = goName(architecture);
        variant = goVariant(architecture, variant);
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
        return new Platform("linux", architecture, null);
    }

    /** Returns a name for files: {@code linux-amd64}, {@code linux-arm-v7}. */
    public String fileName() {
        return variant == null ? os + "-" + architecture : os + "-" + architecture + "-" + variant;
    }

    @Override
    public String toString() {
        return variant == null ? os + "/" + architecture : os + "/" + architecture + "/" + variant;
    }

    /** The name that Go has for an architecture; a name that is not known stays. */
    public static String goName(String architecture) {
        return switch (architecture) {
            case "x86_64", "x86-64" -> "amd64";
            case "aarch64" -> "arm64";
            case "armhf", "armel" -> "arm";
            case "i386" -> "386";
            default -> architecture;
        };
    }

    private static @Nullable String impliedVariant(String architecture) {
        return switch (architecture) {
            case "armhf" -> "v7";
            case "armel" -> "v6";
            default -> null;
        };
    }

    private static @Nullable String goVariant(String architecture, @Nullable String variant) {
        if (variant == null) {
            return null;
        }
        boolean isNumber = variant.length() == 1 && variant.charAt(0) >= '0' && variant.charAt(0) <= '9';
        boolean isArm = architecture.equals("arm") || architecture.equals("arm64");
        String named = isArm && isNumber ? "v" + variant : variant;
        boolean isLeast =
                architecture.equals("arm64") ? named.equals("v8") : architecture.equals("amd64") && named.equals("v1");
        return isLeast ? null : named;
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
