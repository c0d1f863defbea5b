// SPDX-License-Identifier: Apache-2.0
package org.plurality.fake;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.plurality.reference.Digest;

/** Images in files: an OCI layout, or what {@code docker save} writes. */
public final class FakeArchive {
    private final Map<String, byte[]> files = new LinkedHashMap<>();
    private final Map<String, String> links = new LinkedHashMap<>();
    private final Map<String, byte[]> again = new LinkedHashMap<>();
    private final List<String> index = new ArrayList<>();
    private final List<String> saved = new ArrayList<>();

    /** Without images. */
    public static FakeArchive layout() {
        return new FakeArchive().put("oci-layout", FakeImage.utf8("{\"imageLayoutVersion\":\"1.0.0\"}"));
    }

    public static FakeArchive layout(FakeImage image, String name) {
        return layout().add(image, name);
    }

    /** In a layout. */
    public FakeArchive add(FakeImage image, String name) {
        return add(image, name, "", "");
    }

    /**
     * In a layout, as containerd exports it.
     *
     * @param fullName of the image; empty for none
     * @param platform {@code os/architecture}, or empty
     */
    public FakeArchive add(FakeImage image, String name, String fullName, String platform) {
        blob(image.manifest());
        blob(image.config());
        for (int i = 0; i < image.layerCount(); i++) {
            blob(image.layer(i));
        }
        String entry = FakeImage.entry(FakeImage.MANIFEST_TYPE, image.manifest(), platform);
        String full = fullName.isEmpty() ? "" : "\",\"io.containerd.image.name\":\"" + fullName;
        index.add(entry.substring(0, entry.length() - 1) + ",\"annotations\":{\"org.opencontainers.image.ref.name\":\""
                + name + full + "\"}}");
        return put(
                "index.json", FakeImage.utf8("{\"schemaVersion\":2,\"manifests\":[" + String.join(",", index) + "]}"));
    }

    public static FakeArchive saved(FakeImage image, String name) {
        return new FakeArchive().save(image, name);
    }

    public FakeArchive save(FakeImage image, String name) {
        String prefix = saved.isEmpty() ? "" : "image" + saved.size() + "/";
        List<String> layers = new ArrayList<>();
        for (int i = 0; i < image.layerCount(); i++) {
            put(prefix + "layer-" + i + ".tar", image.layer(i));
            layers.add("\"" + prefix + "layer-" + i + ".tar\"");
        }
        String config = image.configDigest().hex() + ".json";
        put(config, image.config());
        saved.add("{\"Config\":\"" + config + "\",\"RepoTags\":[\"" + name + "\"],\"Layers\":["
                + String.join(",", layers) + "]}");
        return put("manifest.json", FakeImage.utf8("[" + String.join(",", saved) + "]"));
    }

    public FakeArchive put(String name, byte[] content) {
        files.put(name, content.clone());
        return this;
    }

    public FakeArchive remove(String name) {
        files.remove(name);
        return this;
    }

    public FakeArchive link(String name, String target) {
        links.put(name, target);
        return this;
    }

    /** A second member of that name. */
    public FakeArchive twice(String name, byte[] content) {
        again.put(name, content.clone());
        return this;
    }

    public FakeArchive replaceInManifest(String text, String by) {
        String manifest = new String(files.getOrDefault("manifest.json", new byte[0]), StandardCharsets.UTF_8);
        return put("manifest.json", FakeImage.utf8(manifest.replace(text, by)));
    }

    public Path writeTo(Path directory) throws IOException {
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Path path = directory.resolve(file.getKey());
            Files.createDirectories(path.resolveSibling(".").normalize());
            Files.write(path, file.getValue());
        }
        return directory;
    }

    public Path tar(Path file) throws IOException {
        return Files.write(file, tarBytes());
    }

    public byte[] tarBytes() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            for (Map.Entry<String, String> link : links.entrySet()) {
                TarArchiveEntry entry = new TarArchiveEntry(link.getKey(), TarArchiveEntry.LF_SYMLINK);
                entry.setLinkName(link.getValue());
                tar.putArchiveEntry(entry);
                tar.closeArchiveEntry();
            }
            for (Map<String, byte[]> members : List.of(files, again)) {
                for (Map.Entry<String, byte[]> member : members.entrySet()) {
                    TarArchiveEntry entry = new TarArchiveEntry(member.getKey());
                    entry.setSize(member.getValue().length);
                    tar.putArchiveEntry(entry);
                    tar.write(member.getValue());
                    tar.closeArchiveEntry();
                }
            }
        }
        return bytes.toByteArray();
    }

    private void blob(byte[] content) {
        put("blobs/sha256/" + Digest.sha256(content).hex(), content);
    }
}
