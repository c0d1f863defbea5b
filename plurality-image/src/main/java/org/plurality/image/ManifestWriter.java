// SPDX-License-Identifier: Apache-2.0
package org.plurality.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.plurality.json.JsonObject;
import org.plurality.json.JsonWriter;
import org.plurality.reference.Digest;

/**
 * Makes the manifest of an image that has none: an OCI manifest of uncompressed layers, in the bytes that Go's encoder makes of it, as
 * current Docker writes it into what it saves. Pure: equal images get equal manifests, whatever they lay in.
 */
public final class ManifestWriter {
    static final String CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
    static final String LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar";

    private ManifestWriter() {}

    /** @param layers uncompressed, so that their digests are their diffIds; the lowest first */
    public static Manifest.Image write(byte[] config, List<Layer> layers) {
        Descriptor configDescriptor =
                new Descriptor(CONFIG_TYPE, Digest.sha256(config), config.length, null, false, List.of());
        List<Descriptor> descriptors = new ArrayList<>();
        for (Layer layer : layers) {
            descriptors.add(new Descriptor(LAYER_TYPE, layer.diffId(), layer.bytes(), null, false, List.of()));
        }
        try {
            byte[] bytes = JsonObject.line(json -> {
                        json.writeNumberField("schemaVersion", 2);
                        json.writeStringField("mediaType", ManifestType.OCI_IMAGE.mediaType());
                        json.writeFieldName("config");
                        write(json, configDescriptor);
                        json.writeArrayFieldStart("layers");
                        for (Descriptor descriptor : descriptors) {
                            write(json, descriptor);
                        }
                        json.writeEndArray();
                    })
                    .getBytes(StandardCharsets.UTF_8);
            return new Manifest.Image(Digest.sha256(bytes), bytes, configDescriptor, descriptors);
        } catch (IOException e) {
            throw new IllegalStateException("writes into memory", e);
        }
    }

    /** An uncompressed layer. */
    public record Layer(Digest diffId, long bytes) {}

    private static void write(JsonWriter json, Descriptor descriptor) {
        json.writeStartObject();
        json.writeStringField("mediaType", descriptor.mediaType());
        json.writeStringField("digest", descriptor.digest().toString());
        json.writeNumberField("size", descriptor.bytes());
        json.writeEndObject();
    }
}
