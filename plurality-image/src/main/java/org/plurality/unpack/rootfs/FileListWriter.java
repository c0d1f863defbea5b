// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import org.plurality.posix.ByteString;

/**
 * Writes {@code files.jsonl.zst}: one JSON object a line, in the order of a walk with names sorted by their bytes.
 *
 * <pre>
 * {"path":"usr/bin/tool","type":"file","mode":"0755","size":1234,"mtime":1700000000,"sha256":"4f53…"}
 * {"path":"usr/bin/tool2","type":"file",…,"hardlink":"usr/bin/tool"}
 * {"path":"lib","type":"symlink","mtime":1700000000,"target":"usr/lib"}
 * </pre>
 *
 * {@code mtimeNanos} is there when it is not 0. A path, target or hard link that is not UTF-8 is in {@code pathBase64},
 * {@code targetBase64} or {@code hardlinkBase64} instead. The root's path is {@code .}.
 */
final class FileListWriter implements AutoCloseable {
    private final JsonGenerator json;
    private final boolean wholeSeconds;

    FileListWriter(Path file, boolean wholeSeconds) throws IOException {
        this.wholeSeconds = wholeSeconds;
        json = new JsonFactory()
                .createGenerator(new BufferedOutputStream(
                        new ZstdOutputStreamNoFinalizer(
                                Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                                3),
                        64 << 10));
        json.setRootValueSeparator(new SerializedString("\n"));
    }

    void directory(ByteString path, Node.Directory directory) throws IOException {
        begin(path.isEmpty() ? EntryName.SELF : path, "dir");
        json.writeStringField("mode", octal(directory.mode()));
        end(directory.seconds(), directory.nanoseconds());
    }

    /** @param first another path of the same file, listed before; empty when there is none */
    void file(ByteString path, Inode.RegularFile file, ByteString first) throws IOException {
        begin(path, "file");
        json.writeStringField("mode", octal(file.mode()));
        json.writeNumberField("size", file.size());
        json.writeStringField("sha256", HexFormat.of().formatHex(file.sha256().toByteArray()));
        hardLink(first);
        end(file.seconds(), file.nanoseconds());
    }

    void symbolicLink(ByteString path, Inode.SymbolicLink link, ByteString first) throws IOException {
        begin(path, "symlink");
        bytes("target", link.target());
        hardLink(first);
        end(link.seconds(), link.nanoseconds());
    }

    @Override
    public void close() throws IOException {
        json.writeRaw('\n');
        json.close();
    }

    private void begin(ByteString path, String type) throws IOException {
        json.writeStartObject();
        bytes("path", path);
        json.writeStringField("type", type);
    }

    private void hardLink(ByteString first) throws IOException {
        if (!first.isEmpty()) {
            bytes("hardlink", first);
        }
    }

    private void end(long seconds, int nanoseconds) throws IOException {
        json.writeNumberField("mtime", seconds);
        if (nanoseconds != 0 && !wholeSeconds) {
            json.writeNumberField("mtimeNanos", nanoseconds);
        }
        json.writeEndObject();
    }

    private void bytes(String member, ByteString value) throws IOException {
        Optional<String> text = value.toUtf8();
        if (text.isPresent()) {
            json.writeStringField(member, text.get());
        } else {
            json.writeStringField(member + "Base64", Base64.getEncoder().encodeToString(value.toByteArray()));
        }
    }

    private static String octal(int mode) {
        return String.format("%04o", mode);
    }
}
