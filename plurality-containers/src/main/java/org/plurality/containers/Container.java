// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.plurality.bundle.BundleConfig;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/**
 * A named container: a directory that is an OCI bundle. The only class that spells the names in it.
 *
 * <pre>
 * config.json     the bundle's; its owner may change it
 * rootfs/         the root filesystem; empty under an overlay
 * overlay/        upper and work, with an overlay only
 * container.json  what it was made from
 * run-N.json      a run; that with the highest N is going on, or was the last
 * init.pid        pid of its first process on the host, once that was started
 * exit            status of the last run, where somebody waited for it
 * log             what that printed; log.1 of the one before
 * </pre>
 *
 * @param directory on the host, absolute
 */
public record Container(ContainerName name, Path directory) {

    public Path config() {
        return directory.resolve("config.json");
    }

    /** As {@code config.json} has it by default. */
    static final String ROOTFS = "rootfs";

    Path rootfs() {
        return directory.resolve(ROOTFS);
    }

    Path overlay() {
        return directory.resolve("overlay");
    }

    Path documentFile() {
        return directory.resolve("container.json");
    }

    private static final String RUN = "run-";
    private static final String JSON = ".json";

    /** @param number from 1 */
    Path runFile(long number) {
        return directory.resolve(RUN + number + JSON);
    }

    /** The number in the name of a run's file, or 0 when it is none. */
    static long runNumber(String fileName) {
        if (!fileName.startsWith(RUN) || !fileName.endsWith(JSON) || fileName.length() < RUN.length() + JSON.length()) {
            return 0;
        }
        try {
            return Math.max(0, Long.parseLong(fileName.substring(RUN.length(), fileName.length() - JSON.length())));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    Path pidFile() {
        return directory.resolve("init.pid");
    }

    Path exitFile() {
        return directory.resolve("exit");
    }

    public Path log() {
        return directory.resolve("log");
    }

    Path previousLog() {
        return directory.resolve("log.1");
    }

    /** What it was made from; empty for a bundle that was put there by other means. */
    public Optional<ContainerDocument> document() throws PluralityException {
        try {
            return Optional.of(ContainerDocument.parse(Files.readAllBytes(documentFile())));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new PluralityException(
                    FailureKind.STORAGE,
                    "cannot read " + documentFile() + ": " + PluralityException.reasonOf(e),
                    "remove that file: the container runs without it",
                    e);
        }
    }

    /** @throws PluralityException (USAGE) when {@code config.json} is not one */
    BundleConfig readConfig() throws PluralityException {
        try {
            return BundleConfig.read(config());
        } catch (IOException e) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot use " + config() + ": " + PluralityException.reasonOf(e),
                    "mend that file by hand; 'plurality spec IMAGE' shows what one looks like",
                    e);
        }
    }
}
