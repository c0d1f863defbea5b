// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.archive;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.plurality.unpack.layer.LayerFormatException;
import org.plurality.unpack.layer.TarEntry;
import org.plurality.unpack.layer.TarReader;
import org.plurality.unpack.layer.UnpackLimits;

/**
 * The members of a tar file, read where they lie. Opening reads the headers alone. Links lead to members of the same
 * tar or nowhere; a name of two files that differ is refused, because programs differ in which of them counts.
 */
final class TarContents implements ArchiveContents {
    /** An image has three for each layer; archives may hold many images. */
    private static final int MOST_MEMBERS = 100_000;

    private static final int MOST_LINKS = 8;
    private static final int COMPARED = 64 << 10;
    private static final UnpackLimits LIMITS =
            new UnpackLimits(Long.MAX_VALUE, MOST_MEMBERS, 4096, 64, 64 << 10, Long.MAX_VALUE, 0);

    private final FileChannel file;
    private final Map<String, Member> files = new HashMap<>();
    private final Map<String, String> links = new HashMap<>();

    private TarContents(FileChannel file) {
        this.file = file;
    }

    /** @throws LayerFormatException when it is no tar that this reads */
    static TarContents open(Path path) throws IOException {
        FileChannel file = FileChannel.open(path);
        TarContents contents = new TarContents(file);
        try {
            contents.index();
            return contents;
        } catch (IOException | RuntimeException | Error e) {
            contents.close();
            throw e;
        }
    }

    @Override
    public Optional<Member> find(String name) {
        String at = resolved(name, "");
        for (int i = 0; at != null && i <= MOST_LINKS; i++) {
            Member member = files.get(at);
            if (member != null) {
                return Optional.of(member);
            }
            at = links.get(at);
        }
        return Optional.empty();
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            // Only read from.
        }
    }

    private void index() throws IOException {
        long end = file.size();
        long at = 0;
        for (int count = 0; ; count++) {
            if (count > MOST_MEMBERS) {
                throw new LayerFormatException("it has more than " + MOST_MEMBERS + " members");
            }
            Range rest = new Range(file, at, end);
            TarReader reader = new TarReader(rest, LIMITS);
            TarEntry entry = reader.next();
            if (entry == null) {
                return;
            }
            if (reader.isSparse()) {
                throw new LayerFormatException(
                        "it has a sparse member, " + entry.name(), "make it again by tar without --sparse");
            }
            long start = rest.position;
            at = start + entry.size() + (-entry.size() & 511);
            if (at > end) {
                throw new LayerFormatException("the tar ends too early", "make it again, or copy it again");
            }
            Optional<String> name = entry.name().toUtf8();
            String clean = name.isPresent() ? resolved(name.get(), "") : null;
            if (clean != null && !clean.isEmpty()) {
                add(clean, entry, start);
            }
        }
    }

    private void add(String name, TarEntry entry, long start) throws IOException {
        if (entry.kind() == TarEntry.Kind.FILE && files.get(name) instanceof TarMember first) {
            // Some writers put a layer that two images share into the tar twice.
            requireEqual(first, new TarMember(file, start, entry.size()), name);
            return;
        }
        boolean known = files.containsKey(name) || links.containsKey(name);
        switch (entry.kind()) {
            case FILE -> files.put(name, new TarMember(file, start, entry.size()));
            case SYMBOLIC_LINK, HARD_LINK -> {
                String target = entry.linkName().toUtf8().orElse("");
                String base = entry.kind() == TarEntry.Kind.HARD_LINK || name.indexOf('/') < 0
                        ? ""
                        : name.substring(0, name.lastIndexOf('/'));
                String clean = target.startsWith("/") ? null : resolved(target, base);
                if (clean != null) {
                    links.put(name, clean);
                }
            }
            case DIRECTORY, SPECIAL -> {
                return;
            }
        }
        if (known) {
            throw new LayerFormatException("it has two members of the name " + name);
        }
    }

    private static void requireEqual(TarMember first, TarMember second, String name) throws IOException {
        boolean isEqual = first.bytes == second.bytes;
        try (InputStream one = first.open();
                InputStream other = second.open()) {
            byte[] bytes = new byte[COMPARED];
            byte[] others = new byte[COMPARED];
            for (long at = 0; isEqual && at < first.bytes; at += COMPARED) {
                int length = one.readNBytes(bytes, 0, COMPARED);
                isEqual = other.readNBytes(others, 0, COMPARED) == length && Arrays.equals(bytes, others);
            }
        }
        if (!isEqual) {
            throw new LayerFormatException("it has two members of the name " + name + " that differ");
        }
    }

    /** A name without {@code .} and {@code ..}; null when it leads outside. */
    static @Nullable String resolved(String name, String base) {
        Deque<String> parts = new ArrayDeque<>();
        for (String text : List.of(base, name)) {
            for (String part : text.split("/", -1)) {
                if (part.equals("..")) {
                    if (parts.pollLast() == null) {
                        return null;
                    }
                } else if (!part.isEmpty() && !part.equals(".")) {
                    parts.addLast(part);
                }
            }
        }
        return String.join("/", parts);
    }

    private record TarMember(FileChannel file, long start, long bytes) implements Member {
        @Override
        public InputStream open() {
            return new Range(file, start, start + bytes);
        }
    }

    /** Some of a file's bytes; any number of these read one file at once. */
    private static final class Range extends InputStream {
        private final FileChannel file;
        private final long end;
        private long position;

        Range(FileChannel file, long start, long end) {
            this.file = file;
            this.position = start;
            this.end = end;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int wanted = (int) Math.min(length, end - position);
            if (wanted <= 0) {
                return length == 0 ? 0 : -1;
            }
            int read = file.read(ByteBuffer.wrap(buffer, offset, wanted), position);
            position += Math.max(0, read);
            return read;
        }
    }
}
