// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import java.nio.file.Path;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;
import org.plurality.reference.Platform;

/**
 * Where things lie in a cache: the only class that spells its paths. Pure; touches no file.
 *
 * <pre>
 * plurality-cache.json
 * images/sha256/4f/4f53…/{entry.json,manifest.json,config.json,rootfs/|rootfs.squashfs,files.jsonl.zst}
 * refs/docker.io/library/alpine/_tags/3.20/linux-amd64.json
 * refs/docker.io/library/alpine/_digests/sha256/4f53…/linux-amd64.json
 * leases/4f53…/ID.json   pins/4f53…     tmp/   trash/   locks/   log/events.jsonl   log/verified/4f53…
 * blobs/sha256/4f/4f53…   blobs/partial/4f53….NONCE{,.owner}   blobs/swept   shared/4f/4f53…   shared/swept
 * </pre>
 *
 * {@code _tags} and {@code _digests} cannot be part of a repository's name, so no repository's references lie among another's.
 *
 * @param root the cache's directory, absolute
 */
public record CacheLayout(Path root) {
    static final String ENTRY = "entry.json";

    /** What the name of a partial blob's writer ends with. */
    public static final String OWNER_SUFFIX = ".owner";

    public CacheLayout {
        if (!root.isAbsolute()) {
            throw new IllegalArgumentException("a cache's path is absolute: " + root);
        }
        root = root.normalize();
    }

    public Path marker() {
        return root.resolve("plurality-cache.json");
    }

    public Path images() {
        return root.resolve("images");
    }

    /** The directory of a published image. */
    public Path image(Digest manifest) {
        return sharded(images(), manifest);
    }

    public Path entryDocument(Path imageDirectory) {
        return imageDirectory.resolve(ENTRY);
    }

    public Path manifest(Path imageDirectory) {
        return imageDirectory.resolve("manifest.json");
    }

    public Path config(Path imageDirectory) {
        return imageDirectory.resolve("config.json");
    }

    /** The list of what the root filesystem holds, against which it is verified. */
    public Path fileList(Path imageDirectory) {
        return imageDirectory.resolve("files.jsonl.zst");
    }

    public Path rootfs(Path imageDirectory, RootfsKind kind) {
        return imageDirectory.resolve(kind.fileName());
    }

    public Path refs() {
        return root.resolve("refs");
    }

    /** The file that says what a reference stood for on a platform when it was last resolved. */
    public Path reference(ImageReference reference, Platform platform) {
        Path repository = refs().resolve(reference.registry()).resolve(reference.repository());
        Digest digest = reference.digest();
        Path name = digest != null
                ? repository
                        .resolve("_digests")
                        .resolve(digest.algorithm().label())
                        .resolve(digest.hex())
                : repository.resolve("_tags").resolve(String.valueOf(reference.tag()));
        return name.resolve(platform.fileName() + ".json");
    }

    public Path leases() {
        return root.resolve("leases");
    }

    /** The directory of an image's leases; there before the image is. */
    public Path leases(Digest manifest) {
        return leases().resolve(manifest.hex());
    }

    /** Where a site's cache notes since when strangers hold an image; no digest's name. */
    public Path holdMarks() {
        return leases().resolve(".holds");
    }

    public Path pins() {
        return root.resolve("pins");
    }

    public Path pin(Digest manifest) {
        return pins().resolve(manifest.hex());
    }

    public Path blobs() {
        return root.resolve("blobs");
    }

    public Path blob(Digest blob) {
        return sharded(blobs(), blob);
    }

    /** Blobs that are not whole yet, and beside each its writer. */
    public Path partialBlobs() {
        return blobs().resolve("partial");
    }

    /** @param nonce of its writer */
    public Path partialBlob(Digest blob, String nonce) {
        return partialBlobs().resolve(blob.hex() + "." + nonce);
    }

    /** The file that says who writes a partial blob. */
    public Path partialOwner(Path partialBlob) {
        return partialBlob.resolveSibling(partialBlob.getFileName() + OWNER_SUFFIX);
    }

    /** A file as old as the last sweep of blobs. */
    public Path blobsSwept() {
        return blobs().resolve("swept");
    }

    /** Where each file has a name that images may share. */
    public Path shared() {
        return root.resolve("shared");
    }

    /** A file as old as the last sweep of these. */
    public Path sharedSwept() {
        return shared().resolve("swept");
    }

    public Path tmp() {
        return root.resolve("tmp");
    }

    public Path trash() {
        return root.resolve("trash");
    }

    public Path locks() {
        return root.resolve("locks");
    }

    public Path log() {
        return root.resolve("log");
    }

    public Path events() {
        return log().resolve("events.jsonl");
    }

    /** One file for each image that was verified: as old as that. */
    public Path verified() {
        return log().resolve("verified");
    }

    public Path verified(Digest manifest) {
        return verified().resolve(manifest.hex());
    }

    private static Path sharded(Path parent, Digest digest) {
        return parent.resolve(digest.algorithm().label())
                .resolve(digest.hex().substring(0, 2))
                .resolve(digest.hex());
    }
}
