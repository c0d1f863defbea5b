// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.plurality.bundle.BundleConfig;
import org.plurality.cache.CacheLayout;
import org.plurality.cache.Entry;
import org.plurality.cache.EntryDocument;
import org.plurality.cache.RootfsKind;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.json.JsonObject;
import org.plurality.reference.Digest;
import org.plurality.reference.Platform;

/**
 * A root filesystem of this host that is in no cache: {@code dir:PATH}, a directory that is one, and {@code bundle:PATH}, that of an OCI bundle. Of
 * a bundle, the command, the variables and the working directory count as an image's do; its mounts and limits do not.
 *
 * <p>No lease is taken: whoever named it looks after it.
 */
final class LocalImage {
    private static final String DIRECTORY = "dir:";
    private static final String BUNDLE = "bundle:";

    /** Of no image. */
    private static final Digest NONE = Digest.parse("sha256:" + "0".repeat(64));

    private LocalImage() {}

    static boolean isNamedBy(String image) {
        return image.startsWith(DIRECTORY) || image.startsWith(BUNDLE);
    }

    /**
     * @param scratch the launch's node-local directory, which gets an image configuration
     * @throws PluralityException (USAGE) when there is no such thing
     */
    static Entry of(String image, Path scratch) throws PluralityException {
        boolean bundle = image.startsWith(BUNDLE);
        Path path = Path.of(image.substring(image.indexOf(':') + 1)).toAbsolutePath();
        try {
            BundleConfig config = bundle ? BundleConfig.read(path.resolve("config.json")) : null;
            if (config != null && config.overlayLower() != null) {
                throw new IOException("its root is an overlay, which only 'plurality run' and runc mount");
            }
            Path root = (config == null ? path : config.root(path)).toRealPath();
            if (!Files.isDirectory(root)) {
                throw new IOException(root + " is no directory");
            }
            Path directory = Files.createDirectories(scratch.resolve("image"));
            CacheLayout layout = new CacheLayout(directory);
            Files.write(
                    layout.config(directory),
                    config == null ? JsonObject.write(JsonObject.empty()::writeMembers) : imageConfig(config));
            return new Entry(layout, directory, document(), root);
        } catch (IOException e) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot run " + (bundle ? "the bundle " : "the root filesystem ") + path + ": "
                            + PluralityException.reasonOf(e),
                    bundle
                            ? "name a directory with a config.json and the root that this names"
                            : "name a directory that holds /bin and the like",
                    e);
        }
    }

    private static byte[] imageConfig(BundleConfig config) throws IOException {
        JsonObject members = JsonObject.empty()
                .with("Env", config.environment())
                .with("Cmd", config.arguments())
                .with("WorkingDir", config.workDirectory());
        return JsonObject.write(JsonObject.empty().with("config", members)::writeMembers);
    }

    private static EntryDocument document() {
        return new EntryDocument(
                NONE, List.of(), Platform.current(), NONE, List.of(), RootfsKind.DIR, 0, 0, "", Instant.EPOCH, "");
    }
}
