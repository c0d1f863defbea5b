// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import org.plurality.posix.ByteString;

/** Reads what {@link FileListWriter} wrote, line by line. Members that it does not know are passed over. */
public final class FileListReader implements AutoCloseable {
    private static final ByteString NONE = ByteString.utf8("");

    private final JsonParser json;

    public FileListReader(Path file) throws IOException {
        json = new JsonFactory()
                .createParser(new BufferedInputStream(
                        new ZstdInputStreamNoFinalizer(Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)),
                        64 << 10));
    }

    /**
     * The next line; empty at the end.
     *
     * @throws IOException also when it is none
     */
    public Optional<ListedFile> next() throws IOException {
        JsonToken token = json.nextToken();
        if (token == null) {
            return Optional.empty();
        }
        require(token == JsonToken.START_OBJECT);
        ByteString path = NONE;
        ByteString target = NONE;
        ByteString hardlink = NONE;
        String type = "";
        String sha256 = "";
        int mode = 0;
        long size = 0;
        long seconds = 0;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String member = json.currentName();
            json.nextToken();
            switch (member) {
                case "path" -> path = ByteString.utf8(json.getText());
                case "pathBase64" -> path = decoded();
                case "target" -> target = ByteString.utf8(json.getText());
                case "targetBase64" -> target = decoded();
                case "hardlink" -> hardlink = ByteString.utf8(json.getText());
                case "hardlinkBase64" -> hardlink = decoded();
                case "type" -> type = json.getText();
                case "sha256" -> sha256 = json.getText();
                case "mode" -> mode = octal(json.getText());
                case "size" -> size = json.getLongValue();
                case "mtime" -> seconds = json.getLongValue();
                default -> json.skipChildren();
            }
        }
        require(json.currentToken() == JsonToken.END_OBJECT && !path.isEmpty());
        return Optional.of(new ListedFile(
                path.equals(EntryName.SELF) ? NONE : path, type(type), mode, size, sha256, target, hardlink, seconds));
    }

    @Override
    public void close() throws IOException {
        json.close();
    }

    private ByteString decoded() throws IOException {
        try {
            return ByteString.copyOf(Base64.getDecoder().decode(json.getText()));
        } catch (IllegalArgumentException e) {
            throw new IOException("the list of files is damaged", e);
        }
    }

    private static int octal(String mode) throws IOException {
        try {
            return Integer.parseInt(mode, 8);
        } catch (NumberFormatException e) {
            throw new IOException("the list of files is damaged", e);
        }
    }

    private static ListedFile.Type type(String name) throws IOException {
        return switch (name) {
            case "dir" -> ListedFile.Type.DIRECTORY;
            case "file" -> ListedFile.Type.FILE;
            case "symlink" -> ListedFile.Type.SYMBOLIC_LINK;
            default -> throw new IOException("the list of files is damaged");
        };
    }

    private static void require(boolean isSo) throws IOException {
        if (!isSo) {
            throw new IOException("the list of files is damaged");
        }
    }
}
