// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.squashfs;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import org.plurality.local.tree.FileTree;

/** A file's bytes: whole blocks, of which some are holes, and an end that may lie in a fragment. */
final class SquashContent implements FileTree.Content {
    private final SquashFile file;
    private final SquashInode.Extent extent;
    private final byte[] block;
    private long place;
    private int next;
    private long left;
    private int position;
    private int limit;

    SquashContent(SquashFile file, SquashInode.Extent extent) {
        this.file = file;
        this.extent = extent;
        this.block = new byte[(int) Math.min(file.blockBytes(), Math.max(extent.bytes(), 1))];
        this.place = extent.start();
        this.left = extent.bytes();
    }

    @Override
    public int read(byte[] buffer) throws IOException {
        if (position == limit) {
            if (left == 0) {
                return -1;
            }
            fill();
        }
        int part = Math.min(buffer.length, limit - position);
        System.arraycopy(block, position, buffer, 0, part);
        position += part;
        return part;
    }

    byte[] readAll() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        for (int read = read(buffer); read >= 0; read = read(buffer)) {
            all.write(buffer, 0, read);
        }
        return all.toByteArray();
    }

    private void fill() throws IOException {
        int wanted = (int) Math.min(left, block.length);
        if (next < extent.blocks().limit()) {
            int word = extent.blocks().get(next++);
            if (SquashFile.length(word) == 0) {
                Arrays.fill(block, 0, wanted, (byte) 0);
            } else if (file.block(place, word, block, block.length) != wanted) {
                throw Compressor.damaged("a file's block is of another size than the file says");
            }
            place += SquashFile.length(word);
        } else {
            byte[] fragment = file.fragment(extent.fragment());
            int from = extent.fragmentPosition();
            if (from < 0 || wanted > fragment.length - from) {
                throw Compressor.damaged("a file's end lies beyond its fragment");
            }
            System.arraycopy(fragment, from, block, 0, wanted);
        }
        left -= wanted;
        position = 0;
        limit = wanted;
    }
}
