// SPDX-License-Identifier: Apache-2.0
package org.plurality.fake;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.plurality.reference.Digest;

/** An image; where nothing is unpacked, random bytes are layers as good as any. */
public final class FakeImage {
    public static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
    public static final String INDEX_TYPE = "application/vnd.oci.image.index.v1+json";
    static final String CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
    static final String LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar";

    private final byte[] config;
    private final byte[] manifest;
    private final List<byte[]> layers = new ArrayList<>();

    public FakeImage(long seed, int layerCount, int layerBytes) {
        this(randomLayers(seed, layerCount, layerBytes));
    }

    public FakeImage(List<byte[]> layers) {
        List<String> diffIds = new ArrayList<>();
        List<String> descriptors = new ArrayList<>();
        for (byte[] layer : layers) {
            this.layers.add(layer.clone());
            diffIds.add("\"" + Digest.sha256(layer) + "\"");
            descriptors.add(descriptor(LAYER_TYPE, layer, ""));
        }
        config = utf8("{\"os\":\"linux\",\"architecture\":\"amd64\",\"config\":{\"WorkingDir\":\"/work\"},"
                + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[" + String.join(",", diffIds) + "]}}");
        manifest = utf8("{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST_TYPE + "\",\"config\":"
                + descriptor(CONFIG_TYPE, config, "") + ",\"layers\":[" + String.join(",", descriptors) + "]}");
    }

    /** A layer with one file. */
    public static byte[] tar(String name, byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            TarArchiveEntry entry = new TarArchiveEntry(name);
            entry.setSize(content.length);
            tar.putArchiveEntry(entry);
            tar.write(content);
            tar.closeArchiveEntry();
        }
        return bytes.toByteArray();
    }

    private static List<byte[]> randomLayers(long seed, int count, int size) {
        Random random = new Random(seed);
        List<byte[]> layers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] layer = new byte[size];
            random.nextBytes(layer);
            layers.add(layer);
        }
        return layers;
    }

    public Digest digest() {
        return Digest.sha256(manifest);
    }

    public byte[] manifest() {
        return manifest.clone();
    }

    /** The manifest, with places besides the registry where a layer is. */
    public byte[] manifestWithUrls(int layer, String... urls) {
        String digest = "\"" + layerDigest(layer) + "\"";
        return utf8(new String(manifest, StandardCharsets.UTF_8)
                .replace(digest, digest + ",\"urls\":[\"" + String.join("\",\"", urls) + "\"]"));
    }

    public byte[] config() {
        return config.clone();
    }

    public Digest configDigest() {
        return Digest.sha256(config);
    }

    public byte[] layer(int index) {
        return layers.get(index).clone();
    }

    public Digest layerDigest(int index) {
        return Digest.sha256(layers.get(index));
    }

    public int layerCount() {
        return layers.size();
    }

    /** An index of entries made with {@link #entry}. */
    public static byte[] index(String... entries) {
        return utf8("{\"schemaVersion\":2,\"mediaType\":\"" + INDEX_TYPE + "\",\"manifests\":["
                + String.join(",", entries) + "]}");
    }

    /** @param platform {@code os/architecture} or empty */
    public static String entry(String type, byte[] document, String platform) {
        int slash = platform.indexOf('/');
        return descriptor(
                type,
                document,
                slash < 0
                        ? ""
                        : ",\"platform\":{\"os\":\"" + platform.substring(0, slash) + "\",\"architecture\":\""
                                + platform.substring(slash + 1) + "\"}");
    }

    public static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String descriptor(String type, byte[] content, String more) {
        return "{\"mediaType\":\"" + type + "\",\"digest\":\"" + Digest.sha256(content) + "\",\"size\":"
                + content.length + more + "}";
    }
}
