// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.diagnosis;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The version that {@code runc --version} or {@code crun --version} prints.
 *
 * @param name name of the program
 * @param text the version as printed
 * @param candidate number of a release candidate; otherwise {@link #RELEASE}
 * @param isDistributions whether a distribution built it, which may have fixed flaws without changing the version
 */
record RuntimeVersion(
        String name, String text, int major, int minor, int patch, int candidate, boolean isDistributions) {
    static final int RELEASE = Integer.MAX_VALUE;

    private static final Pattern FORM = Pattern.compile(
            "(runc|crun) version ([0-9]{1,4})\\.([0-9]{1,4})(?:\\.([0-9]{1,4}))?(?:-rc\\.?([0-9]{1,4}))?([^\\s]*)");
    private static final Pattern PACKAGED = Pattern.compile("(?i)\\+ds|deb[0-9]|ubuntu|\\.el[0-9]|\\.fc[0-9]|suse|~");

    /** A flaw that let programs in a container reach the host, and the first fixed release of each branch, in order. */
    private record Escape(String name, List<RuntimeVersion> mended) {}

    private static final List<Escape> ESCAPES = List.of(
            new Escape("CVE-2019-5736", List.of(of(1, 0, 0, 7))),
            new Escape("CVE-2021-30465", List.of(of(1, 0, 0, 95))),
            new Escape("CVE-2024-21626", List.of(of(1, 1, 12, RELEASE))),
            new Escape(
                    "CVE-2025-31133, CVE-2025-52565 and CVE-2025-52881",
                    List.of(of(1, 2, 8, RELEASE), of(1, 3, 3, RELEASE), of(1, 4, 0, 3))));

    static Optional<RuntimeVersion> parse(String words) {
        Matcher matcher = FORM.matcher(words);
        if (!matcher.find()) {
            return Optional.empty();
        }
        return Optional.of(new RuntimeVersion(
                matcher.group(1),
                matcher.group().substring(matcher.group().lastIndexOf(' ') + 1),
                number(matcher.group(2), 0),
                number(matcher.group(3), 0),
                number(matcher.group(4), 0),
                number(matcher.group(5), RELEASE),
                PACKAGED.matcher(words).find()));
    }

    /** Returns the known escapes of this version, unless its distribution may have fixed them. */
    List<String> escapes() {
        List<String> has = new ArrayList<>();
        if (name.equals("runc")) {
            for (Escape escape : ESCAPES) {
                if (has(escape)) {
                    has.add(escape.name());
                }
            }
        }
        return has;
    }

    private boolean has(Escape escape) {
        for (RuntimeVersion mended : escape.mended()) {
            if (mended.major == major && mended.minor == minor) {
                return compareTo(mended) < 0;
            }
        }
        return compareTo(escape.mended().get(0)) < 0;
    }

    private int compareTo(RuntimeVersion other) {
        int order = Integer.compare(major, other.major);
        order = order != 0 ? order : Integer.compare(minor, other.minor);
        order = order != 0 ? order : Integer.compare(patch, other.patch);
        return order != 0 ? order : Integer.compare(candidate, other.candidate);
    }

    private static RuntimeVersion of(int major, int minor, int patch, int candidate) {
        return new RuntimeVersion("runc", "", major, minor, patch, candidate, false);
    }

    private static int number(@Nullable String digits, int otherwise) {
        return digits == null ? otherwise : Integer.parseInt(digits);
    }
}
