// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.squashfs;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.plurality.failure.PluralityException;
import org.plurality.local.tree.FileTree;
import org.plurality.posix.ByteString;
import org.plurality.unpack.layer.LayerFormatException;
import org.plurality.unpack.layer.UnpackLimits;

/** A squashfs's tree. One walk at a time; a walk may be cancelled from any thread. */
public final class SquashTree implements FileTree {
    private static final ByteString SLASH = ByteString.utf8("/");
    private static final int MAX_NAME = 255;

    private final FileChannel channel;
    private final SquashFile file;
    private final UnpackLimits limits;
    private final Map<Long, ByteString> firsts = new HashMap<>();
    private long entries;
    private long bytes;

    private SquashTree(FileChannel channel, long offset, long length, UnpackLimits limits) throws IOException {
        this.channel = channel;
        this.limits = limits;
        this.file = new SquashFile(channel, offset, length);
    }

    /** @throws LayerFormatException when it is no squashfs that this reads */
    public static SquashTree open(Path path, UnpackLimits limits) throws IOException {
        FileChannel channel = FileChannel.open(path);
        return open(channel, 0, channel.size(), limits);
    }

    /**
     * A filesystem within a file.
     *
     * @param channel closed with the tree, and when this fails
     * @param length of the file's part at most
     */
    public static SquashTree open(FileChannel channel, long offset, long length, UnpackLimits limits)
            throws IOException {
        try {
            return new SquashTree(channel, offset, length, limits);
        } catch (IOException | RuntimeException | Error e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public synchronized void walk(Visitor visitor) throws IOException, PluralityException {
        firsts.clear();
        entries = 0;
        bytes = 0;
        if (SquashInode.read(file, file.rootInode()) instanceof SquashInode.Directory root) {
            walk(root, ByteString.utf8(""), 0, visitor);
        } else {
            throw Compressor.damaged("its root is no directory");
        }
    }

    @Override
    public synchronized Optional<byte[]> read(String path, int most) throws IOException {
        Optional<SquashInode> found = find(path);
        return found.isPresent()
                        && found.get() instanceof SquashInode.RegularFile regular
                        && regular.extent().bytes() <= most
                ? Optional.of(new SquashContent(file, regular.extent()).readAll())
                : Optional.empty();
    }

    /** The names in a directory, in the order of their bytes; none when there is no such directory. */
    public synchronized List<ByteString> list(String path) throws IOException {
        List<ByteString> names = new ArrayList<>();
        Optional<SquashInode> found = find(path);
        if (found.isPresent() && found.get() instanceof SquashInode.Directory directory) {
            for (Child child : children(directory)) {
                names.add(child.name);
            }
        }
        return names;
    }

    @Override
    public void cancel() {
        close();
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // Only read from.
        }
    }

    private record Child(ByteString name, long inode) {}

    private void walk(SquashInode.Directory directory, ByteString path, int depth, Visitor visitor)
            throws IOException, PluralityException {
        visitor.directory(path, directory.attributes());
        if (depth > limits.maxDepth()) {
            throw new LayerFormatException("a directory is more than " + limits.maxDepth() + " deep");
        }
        for (Child child : children(directory)) {
            if (++entries > limits.maxEntries()) {
                throw new LayerFormatException(
                        "it has more than " + limits.maxEntries() + " entries",
                        "if you trust it, raise max_entries in plurality.toml or PLURALITY_MAX_ENTRIES");
            }
            ByteString below = path.isEmpty() ? child.name : path.concat(SLASH).concat(child.name);
            if (below.length() > limits.maxPathLength()) {
                throw new LayerFormatException("a path is longer than " + limits.maxPathLength() + " bytes");
            }
            switch (SquashInode.read(file, child.inode)) {
                case SquashInode.Directory inner -> walk(inner, below, depth + 1, visitor);
                case SquashInode.RegularFile regular -> regular(regular, below, visitor);
                case SquashInode.SymbolicLink link -> visitor.symbolicLink(below, link.attributes(), link.target());
                case SquashInode.Special special -> visitor.special(below, special.attributes());
                case SquashInode.Socket _ -> {
                    // No image has one.
                }
            }
        }
    }

    private void regular(SquashInode.RegularFile regular, ByteString path, Visitor visitor)
            throws IOException, PluralityException {
        if (regular.links() > 1) {
            ByteString first = firsts.putIfAbsent(regular.number(), path);
            if (first != null) {
                visitor.hardLink(path, regular.attributes(), first);
                return;
            }
        }
        bytes += regular.extent().bytes();
        if (bytes > limits.maxBytes()) {
            throw new LayerFormatException(
                    "it has more than " + limits.maxBytes() + " bytes when decompressed",
                    "if you trust it, raise max_bytes in plurality.toml or PLURALITY_MAX_BYTES");
        }
        visitor.file(path, regular.attributes(), regular.extent().bytes(), new SquashContent(file, regular.extent()));
    }

    private Optional<SquashInode> find(String path) throws IOException {
        SquashInode at = SquashInode.read(file, file.rootInode());
        for (String name : path.split("/", -1)) {
            long inode = -1;
            if (at instanceof SquashInode.Directory directory) {
                for (Child child : children(directory)) {
                    inode = child.name.equals(ByteString.utf8(name)) ? child.inode : inode;
                }
            }
            if (inode < 0) {
                return Optional.empty();
            }
            at = SquashInode.read(file, inode);
        }
        return Optional.of(at);
    }

    /** In order, no name twice, and none with more in it than a name has. */
    private List<Child> children(SquashInode.Directory directory) throws IOException {
        List<Child> children = new ArrayList<>();
        MetadataReader in = file.directory(directory.block(), directory.position());
        // Three bytes stand for . and .., which are not there.
        long left = directory.bytes() - 3;
        while (left > 0) {
            long count = in.u32() + 1;
            long block = in.u32();
            in.u32();
            left -= 12;
            if (count > 256) {
                throw Compressor.damaged("a directory's header has " + count + " names");
            }
            for (int i = 0; i < count; i++) {
                int position = in.u16();
                in.u16();
                in.u16();
                int length = in.u16() + 1;
                if (length > MAX_NAME) {
                    throw Compressor.damaged("a name has " + length + " bytes");
                }
                ByteString name = ByteString.copyOf(in.bytes(length));
                left -= 8 + length;
                check(name, children);
                if (children.size() >= limits.maxEntries()) {
                    throw new LayerFormatException("a directory has more than " + limits.maxEntries() + " names");
                }
                children.add(new Child(name, block << 16 | position));
            }
        }
        return children;
    }

    private static void check(ByteString name, List<Child> before) throws LayerFormatException {
        boolean dots = name.equals(ByteString.utf8(".")) || name.equals(ByteString.utf8(".."));
        if (dots || name.indexOf('/', 0) >= 0 || name.indexOf('\0', 0) >= 0) {
            throw Compressor.damaged("a directory has the name " + name);
        }
        if (!before.isEmpty() && before.getLast().name.compareTo(name) >= 0) {
            throw Compressor.damaged("a directory's names are not in order");
        }
    }
}
