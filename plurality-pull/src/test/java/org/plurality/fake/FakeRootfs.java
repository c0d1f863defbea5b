// SPDX-License-Identifier: Apache-2.0
package org.plurality.fake;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.plurality.failure.PluralityException;
import org.plurality.pull.RootfsSink;
import org.plurality.reference.Digest;

/** Keeps each layer as a file. */
public final class FakeRootfs implements RootfsSink {
    private final Path directory;
    private final Path fileList;
    private long bytes;
    private int layers;

    public FakeRootfs(Place place) throws PluralityException {
        this.directory = place.rootfs();
        this.fileList = place.fileList();
        try {
            Files.createDirectory(directory);
        } catch (IOException e) {
            throw PluralityException.storage("cannot make " + directory, e);
        }
    }

    @Override
    public Digest apply(InputStream blob, String mediaType, int layer) throws PluralityException {
        try {
            byte[] content = blob.readAllBytes();
            Files.write(directory.resolve("layer-" + layer), content);
            bytes += content.length;
            layers++;
            return Digest.sha256(content);
        } catch (IOException e) {
            throw PluralityException.storage("cannot unpack layer " + layer, e);
        }
    }

    @Override
    public Contents finish(String workingDirectory, Blobs blobs) throws PluralityException {
        try {
            Files.write(fileList, new byte[0]);
        } catch (IOException e) {
            throw PluralityException.storage("cannot write " + fileList, e);
        }
        return new Contents(bytes, layers, List.of());
    }

    @Override
    public void close() {}
}
