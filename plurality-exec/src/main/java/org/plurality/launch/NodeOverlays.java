// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.plurality.bundle.Overlays;

/**
 * Finds out by a trial whether overlayfs works for this user on this node, and keeps the answer beside the kept
 * plans: it depends on the kernel, on what security modules allow and on the image's filesystem (Lustre and GPFS take
 * no overlay).
 */
final class NodeOverlays implements Overlays {
    private static final int TIMEOUT_S = 10;

    /** The exit status of mount(8) when the kernel refuses. */
    private static final int MOUNT_FAILED = 32;

    private final Path scratch;

    /** @param scratch the launch's own directory, in the run directory */
    NodeOverlays(Path scratch) {
        this.scratch = scratch;
    }

    @Override
    public boolean work(Path layer, Path image) {
        try {
            Path kept = Files.createDirectories(scratch.resolveSibling("plans"));
            Path answer = kept.resolve(
                    ".overlay-" + System.getProperty("os.version", "") + "-" + device(layer) + "-" + device(image));
            String known = known(answer);
            return known.isEmpty() ? tried(image, answer) : known.equals("yes\n");
        } catch (IOException e) {
            return false;
        }
    }

    private static String device(Path path) throws IOException {
        return Long.toHexString((Long) Files.getAttribute(path, "unix:dev"));
    }

    private static String known(Path answer) throws IOException {
        try {
            return new String(Files.readAllBytes(answer), StandardCharsets.US_ASCII);
        } catch (NoSuchFileException e) {
            return "";
        }
    }

    private boolean tried(Path image, Path answer) throws IOException {
        Path trial = Files.createDirectories(scratch.resolve("trial"));
        Path layer = Files.createDirectories(trial.resolve("layer"));
        Path said = trial.resolve("said");
        try {
            Process process = new ProcessBuilder(List.of(
                            "/usr/bin/unshare",
                            "--user",
                            "--map-root-user",
                            "--mount",
                            "/bin/mount",
                            "-t",
                            "overlay",
                            "-o",
                            "ro,lowerdir=layer:" + image,
                            "overlay",
                            "layer"))
                    .directory(trial.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start();
            if (!process.waitFor(TIMEOUT_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return false;
            }
            int status = process.exitValue();
            if (status == 0 || status == MOUNT_FAILED) {
                Files.writeString(trial.resolve("answer"), status == 0 ? "yes\n" : "no\n");
                Files.move(
                        trial.resolve("answer"),
                        answer,
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
            }
            return status == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            Files.deleteIfExists(said);
            Files.deleteIfExists(layer);
            Files.deleteIfExists(trial);
        }
    }
}
