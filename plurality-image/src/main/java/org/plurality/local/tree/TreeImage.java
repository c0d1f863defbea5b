// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.tree;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.security.MessageDigest;
import java.util.List;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.image.BlobSink;
import org.plurality.image.Descriptor;
import org.plurality.image.ImageReader;
import org.plurality.image.Manifest;
import org.plurality.image.ManifestWriter;
import org.plurality.posix.Errno;
import org.plurality.posix.PosixException;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;
import org.plurality.unpack.layer.LayerFormatException;

/**
 * A tree as an image of one layer. Its digest follows from the tree, and what it says for a runtime, alone: a directory, and a squashfs file
 * made of it, are one image. The tree is read once to know the digest, and again when the image is staged in; if it changed between, that
 * fails.
 */
public final class TreeImage implements ImageReader {
    private final FileTree tree;
    private final TreeConfig wanted;
    private final String source;
    private byte[] config = new byte[0];

    /** @param source for errors, as the user wrote it */
    public TreeImage(FileTree tree, TreeConfig wanted, String source) {
        this.tree = tree;
        this.wanted = wanted;
        this.source = source;
    }

    @Override
    public List<ImageReference> names() {
        return List.of();
    }

    @Override
    public synchronized Manifest manifest() throws PluralityException {
        MessageDigest hash = Digest.Algorithm.SHA256.newMessageDigest();
        long[] bytes = {0};
        send((buffer, length) -> {
            hash.update(buffer, 0, length);
            bytes[0] += length;
        });
        Digest diffId = Digest.of(Digest.Algorithm.SHA256, hash.digest());
        config = wanted.write(diffId);
        return ManifestWriter.write(config, List.of(new ManifestWriter.Layer(diffId, bytes[0])));
    }

    @Override
    public Manifest manifest(Digest digest) throws PluralityException {
        throw new PluralityException(
                FailureKind.NOT_FOUND, "cannot read " + source + ": it has no index", "name it without a digest");
    }

    @Override
    public synchronized byte[] config(Descriptor descriptor) {
        return config.clone();
    }

    @Override
    public void layer(Descriptor layer, BlobSink sink) throws PluralityException {
        MessageDigest hash = layer.digest().algorithm().newMessageDigest();
        send((buffer, length) -> {
            hash.update(buffer, 0, length);
            sink.write(buffer, length);
        });
        if (!Digest.of(layer.digest().algorithm(), hash.digest()).equals(layer.digest())) {
            throw new PluralityException(
                    FailureKind.INTEGRITY,
                    "cannot read " + source + ": it changed while it was read",
                    "wait until nobody writes to it, and run it again");
        }
    }

    @Override
    public void cancel() {
        tree.cancel();
    }

    @Override
    public void close() {
        tree.close();
    }

    @Override
    public String toString() {
        return source;
    }

    private void send(BlobSink sink) throws PluralityException {
        TreeTar tar = new TreeTar(sink);
        try {
            tree.walk(tar);
        } catch (IOException e) {
            throw failed(source, e);
        }
        tar.end();
    }

    /** What keeps a tree from being read, in words. */
    public static PluralityException failed(String source, IOException e) {
        String action = "cannot read " + source + ": ";
        if (Thread.currentThread().isInterrupted()) {
            return new PluralityException(FailureKind.INTERRUPTED, action + "interrupted", "run it again", e);
        }
        if (e instanceof LayerFormatException format) {
            return new PluralityException(FailureKind.INTEGRITY, action + format.getMessage(), format.hint(), e);
        }
        Throwable cause = e.getCause() == null ? e : e.getCause();
        Errno errno = cause instanceof PosixException posix ? posix.errno() : Errno.UNKNOWN;
        if (e instanceof NoSuchFileException || errno == Errno.ENOENT || errno == Errno.ENOTDIR) {
            return new PluralityException(
                    FailureKind.NOT_FOUND,
                    action + PluralityException.reasonOf(e),
                    "check the path: relative ones are looked for from where you are",
                    e);
        }
        if (e instanceof AccessDeniedException || errno == Errno.EACCES) {
            return new PluralityException(
                    FailureKind.NOT_AUTHORISED,
                    action + PluralityException.reasonOf(e),
                    "ask its owner to let you read all of it",
                    e);
        }
        return PluralityException.storage("cannot read " + source, e);
    }
}
