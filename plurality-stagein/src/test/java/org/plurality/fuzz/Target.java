// SPDX-License-Identifier: Apache-2.0
package org.plurality.fuzz;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.plurality.config.TomlBridge;
import org.plurality.failure.PluralityException;
import org.plurality.image.ImageConfig;
import org.plurality.image.ManifestParser;
import org.plurality.image.RuntimeConfig;
import org.plurality.json.JsonObject;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;
import org.plurality.reference.Platform;
import org.plurality.remote.registry.ChallengeBridge;
import org.plurality.trust.SigningKey;
import org.plurality.unpack.layer.UnpackLimits;
import org.plurality.unpack.rootfs.ArchiveTarget;
import org.plurality.unpack.rootfs.MountPoints;
import org.plurality.unpack.rootfs.ReadPermissions;
import org.plurality.unpack.rootfs.RootfsArchive;

/** A parser under test. It may refuse an input with the exceptions it declares; everything else is a finding. */
public enum Target {
    TAR {
        @Override
        int run(byte[] input) throws Exception {
            int odd = input.length == 0 ? 0 : input[0] & 1;
            int split = odd == 0 ? 0 : input.length / 1024 * 512;
            List<byte[]> layers = split == 0
                    ? List.of(input)
                    : List.of(
                            java.util.Arrays.copyOf(input, split),
                            java.util.Arrays.copyOfRange(input, split, input.length));
            RootfsArchive archive = RootfsArchive.create(new Nowhere(), ReadPermissions.OWNER, LIMITS);
            for (int i = layers.size() - 1; i >= 0; i--) {
                archive.apply(new ByteArrayInputStream(layers.get(i)), "", i);
            }
            // Into a directory: nothing is written, and the end is a failure of the storage.
            archive.finish(
                    MountPoints.standard("/w"),
                    Path.of("/proc/none"),
                    layer -> new ByteArrayInputStream(layers.get(layer)));
            return 0;
        }
    },
    MANIFEST {
        @Override
        int run(byte[] input) throws IOException {
            return ManifestParser.parse(Digest.sha256(input), input, null)
                    .getClass()
                    .hashCode();
        }
    },
    IMAGE_CONFIG {
        @Override
        int run(byte[] input) throws IOException {
            RuntimeConfig.parse(input);
            return ImageConfig.parse(input).diffIds().size();
        }
    },
    JSON {
        @Override
        int run(byte[] input) throws IOException {
            JsonObject.parse(input);
            return 1;
        }
    },
    CHALLENGE {
        @Override
        int run(byte[] input) {
            String text = new String(input, StandardCharsets.UTF_8);
            String line = text.lines().findFirst().orElse("").replaceAll("[\\x00-\\x1f]", "");
            return ChallengeBridge.read(line) ? 1 : 0;
        }
    },
    REFERENCE {
        @Override
        int run(byte[] input) {
            String text = new String(input, StandardCharsets.UTF_8);
            ImageReference reference = ImageReference.parse(text);
            // What is printed is read back as the same.
            if (!ImageReference.parse(reference.toString()).equals(reference)) {
                throw new IllegalStateException("another reference: " + reference);
            }
            return reference.digest() == null ? 0 : 1;
        }
    },
    PLATFORM {
        @Override
        int run(byte[] input) {
            return Platform.parse(new String(input, StandardCharsets.UTF_8))
                            .toString()
                            .length()
                    % 2;
        }
    },
    TOML {
        @Override
        int run(byte[] input) throws IOException {
            return TomlBridge.read(new String(input, StandardCharsets.UTF_8));
        }
    },
    KEY {
        @Override
        int run(byte[] input) throws IOException {
            SigningKey.parse(input);
            return 1;
        }
    };

    private static final UnpackLimits LIMITS =
            UnpackLimits.DEFAULT.withMaxBytes(64 << 20).withMaxTreeBytes(8 << 20);

    abstract int run(byte[] input) throws Exception;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Runs it once.
     *
     * @return what it came to, told apart by the way that it took
     * @throws AssertionError when it fails in a way that it does not declare
     */
    String outcome(byte[] input) {
        try {
            return "done " + run(input);
        } catch (PluralityException | IOException | IllegalArgumentException e) {
            return way(e);
        } catch (Throwable e) {
            throw new AssertionError(label() + ": " + e, e);
        }
    }

    private static String way(Throwable e) {
        StringBuilder way = new StringBuilder();
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            StackTraceElement[] stack = cause.getStackTrace();
            for (int i = 0; i < Math.min(6, stack.length); i++) {
                way.append(stack[i].getClassName())
                        .append(':')
                        .append(stack[i].getLineNumber())
                        .append(' ');
            }
        }
        return way.toString();
    }

    /** Takes a tar and forgets it. */
    private static final class Nowhere implements ArchiveTarget {
        @Override
        public OutputStream begin() {
            return OutputStream.nullOutputStream();
        }

        @Override
        public void end(Root root) {}

        @Override
        public void close() {}
    }
}
