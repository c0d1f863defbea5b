// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.squashfs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/**
 * The programs of this machine that make and mount squashfs files, looked for on PATH and where administrators' programs lie.
 *
 * @param path directories, in order
 */
public record SquashfsTools(List<Path> path) {
    private static final String MAKER = "mksquashfs";
    private static final Pattern VERSION = Pattern.compile("mksquashfs version ([0-9]{1,4})\\.([0-9]{1,4})");
    private static final int MOST_WORDS = 64 << 10;
    private static final String INSTALL =
            "install squashfs-tools 4.5 or later (Debian, Fedora, openSUSE: package squashfs-tools or"
                    + " squashfs), or stage in with --format dir";

    public SquashfsTools {
        path = List.copyOf(path);
    }

    public static SquashfsTools of(Map<String, String> environment) {
        String all = environment.getOrDefault("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin:/usr/local/sbin";
        return new SquashfsTools(List.of(all.split(":")).stream()
                .filter(directory -> directory.startsWith("/"))
                .map(Path::of)
                .toList());
    }

    /** Whether an image could be made and mounted here. */
    public boolean areComplete() {
        if (mounter().isEmpty()) {
            return false;
        }
        try {
            return hasZstd(maker());
        } catch (PluralityException e) {
            return false;
        }
    }

    /** Whether a maker was built with the compression that images are made with: its help names what it was built with. */
    public boolean hasZstd(Path maker) throws PluralityException {
        return words(maker, "-help").contains("zstd")
                || words(maker, "-help-all").contains("zstd");
    }

    /** The program that mounts them. */
    public Optional<Path> mounter() {
        return find("squashfuse_ll").or(() -> find("squashfuse"));
    }

    /**
     * The program {@code mksquashfs}, of a version that reads a tar.
     *
     * @throws PluralityException (STORAGE) when there is none; the hint says what to install
     */
    public Path maker() throws PluralityException {
        Path maker = find(MAKER).orElseThrow(() -> unusable("mksquashfs is not installed"));
        Matcher version = VERSION.matcher(words(maker, "-version"));
        if (!version.find()) {
            throw unusable(maker + " does not say its version");
        }
        int major = Integer.parseInt(version.group(1));
        int minor = Integer.parseInt(version.group(2));
        if (major < 4 || (major == 4 && minor < 5)) {
            throw unusable(maker + " is version " + major + "." + minor + ", which reads no tar");
        }
        return maker;
    }

    private static String words(Path maker, String option) throws PluralityException {
        try {
            Process process = new ProcessBuilder(maker.toString(), option)
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            String words = new String(process.getInputStream().readNBytes(MOST_WORDS), StandardCharsets.UTF_8);
            process.destroy();
            return words;
        } catch (IOException e) {
            throw unusable(maker + " does not run (" + PluralityException.reasonOf(e) + ")");
        }
    }

    static PluralityException unusable(String why) {
        return new PluralityException(FailureKind.STORAGE, "cannot make a squashfs: " + why, INSTALL);
    }

    private Optional<Path> find(String name) {
        return path.stream()
                .map(directory -> directory.resolve(name))
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .findFirst();
    }
}
