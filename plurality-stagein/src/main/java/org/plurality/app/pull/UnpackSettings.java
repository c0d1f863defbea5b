// SPDX-License-Identifier: Apache-2.0
package org.plurality.app.pull;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.plurality.cache.RootfsKind;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.pull.RootfsFormats;
import org.plurality.pull.RootfsKindSelector;
import org.plurality.unpack.layer.UnpackLimits;
import org.plurality.unpack.squashfs.SquashfsOptions;
import org.plurality.unpack.squashfs.SquashfsTools;

/** What settings say of root filesystems: bounds, format, how a squashfs is made. */
public record UnpackSettings(Settings settings, SquashfsTools tools) {
    private static final int MOST_PROCESSORS = 1024;

    public RootfsFormats formats() throws PluralityException {
        return new RootfsFormats(limits(), tools, squashfs(), settings.isOn(Key.DEDUPE));
    }

    /** @param cache that is there */
    public RootfsKind kind(Path cache) throws PluralityException {
        String format = settings.value(Key.FORMAT).orElse("auto").toLowerCase(Locale.ROOT);
        return switch (format) {
            case "auto" -> RootfsKindSelector.of(cache, settings.values(Key.SQUASHFS_FILESYSTEMS), tools);
            case "dir" -> RootfsKind.DIR;
            case "squashfs" -> RootfsKind.SQUASHFS;
            default ->
                throw new PluralityException(
                        FailureKind.USAGE,
                        "cannot use the format '" + format + "': no such format",
                        "use dir, squashfs or auto with --format, PLURALITY_FORMAT or 'format' in plurality.toml");
        };
    }

    public UnpackLimits limits() throws PluralityException {
        UnpackLimits usual = UnpackLimits.DEFAULT;
        return new UnpackLimits(
                settings.bytes(Key.MAX_BYTES, usual.maxBytes()),
                settings.number(Key.MAX_ENTRIES, usual.maxEntries(), 1, Long.MAX_VALUE),
                (int) settings.number(Key.MAX_PATH_LENGTH, usual.maxPathLength(), 1, UnpackLimits.LONGEST_PATH),
                (int) settings.number(Key.MAX_DEPTH, usual.maxDepth(), 1, UnpackLimits.DEEPEST),
                (int) headerBytes(usual),
                usual.maxTreeBytes(),
                settings.number(Key.MAX_RATIO, usual.maxRatio(), 0, Long.MAX_VALUE));
    }

    private long headerBytes(UnpackLimits usual) throws PluralityException {
        long bytes = settings.bytes(Key.MAX_HEADER_BYTES, usual.maxHeaderBytes());
        if (bytes > UnpackLimits.LONGEST_HEADER) {
            throw unusable(Key.MAX_HEADER_BYTES, "it is held in memory", "at most 64MiB");
        }
        return bytes;
    }

    private SquashfsOptions squashfs() throws PluralityException {
        SquashfsOptions usual = SquashfsOptions.DEFAULT;
        long block = settings.bytes(Key.SQUASHFS_BLOCK, usual.blockBytes());
        if (block < SquashfsOptions.MIN_BLOCK || block > SquashfsOptions.MAX_BLOCK || Long.bitCount(block) != 1) {
            throw unusable(Key.SQUASHFS_BLOCK, "squashfs has no such blocks", "a power of two from 4KiB to 1MiB");
        }
        long memory = settings.bytes(Key.SQUASHFS_MEMORY, usual.memoryBytes());
        if (memory < SquashfsOptions.MIN_MEMORY) {
            throw unusable(Key.SQUASHFS_MEMORY, "mksquashfs needs more", "at least 32MiB");
        }
        return new SquashfsOptions(
                (int) settings.number(Key.SQUASHFS_LEVEL, usual.level(), 1, SquashfsOptions.MAX_LEVEL),
                block,
                memory,
                (int) settings.number(Key.SQUASHFS_PROCESSORS, usual.processors(), 1, MOST_PROCESSORS));
    }

    private PluralityException unusable(Key key, String why, String wanted) {
        List<String> values = settings.values(key);
        return new PluralityException(
                FailureKind.USAGE,
                "cannot use " + key.key() + " = " + String.join(",", values) + ": " + why,
                "set " + key.environmentName() + " or '" + key.key() + "' in plurality.toml to " + wanted);
    }
}
