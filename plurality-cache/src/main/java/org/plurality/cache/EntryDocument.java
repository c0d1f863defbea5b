// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.plurality.json.JsonObject;
import org.plurality.json.JsonWriter;
import org.plurality.reference.Digest;
import org.plurality.reference.Platform;

/**
 * {@code entry.json}: what a published image is. Written last, so that a directory with a readable one is complete.
 *
 * @param digest of the image manifest; names the entry
 * @param references under which it was staged in when it was published, complete forms; {@code refs/} has later ones
 * @param platform of the image
 * @param configDigest of the image configuration
 * @param layers in order, the lowest first
 * @param kind of the root filesystem
 * @param bytes of the entry on disk, as the sum of its files' sizes
 * @param inodes that the entry takes
 * @param publication a nonce that tells this publication from another of the same image
 * @param createdAt by the publisher's clock: to show, never to decide
 * @param createdBy user name of the publisher
 * @param sums of files in the entry, by their names, in order: against which they are verified; none in entries of earlier versions
 */
public record EntryDocument(
        Digest digest,
        List<String> references,
        Platform platform,
        Digest configDigest,
        List<Layer> layers,
        RootfsKind kind,
        long bytes,
        long inodes,
        String publication,
        Instant createdAt,
        String createdBy,
        Map<String, Digest> sums) {

    /** The version of the cache's format that this code writes and reads. */
    public static final int FORMAT = 1;

    /**
     * One layer.
     *
     * @param blobDigest of the bytes as the registry keeps them, compressed or not
     * @param diffId of the uncompressed tar
     * @param bytes of the blob
     */
    public record Layer(Digest blobDigest, Digest diffId, long bytes) {}

    public EntryDocument {
        references = List.copyOf(references);
        layers = List.copyOf(layers);
        sums = Collections.unmodifiableMap(new TreeMap<>(sums));
    }

    /** Of an entry without sums. */
    public EntryDocument(
            Digest digest,
            List<String> references,
            Platform platform,
            Digest configDigest,
            List<Layer> layers,
            RootfsKind kind,
            long bytes,
            long inodes,
            String publication,
            Instant createdAt,
            String createdBy) {
        this(
                digest,
                references,
                platform,
                configDigest,
                layers,
                kind,
                bytes,
                inodes,
                publication,
                createdAt,
                createdBy,
                Map.of());
    }

    /** @throws IOException when it is not such a document; the message says why */
    public static EntryDocument parse(byte[] document) throws IOException {
        JsonObject json = JsonObject.parse(document);
        if (json.number("format") != FORMAT) {
            throw new IOException("its format is " + json.number("format") + ", this version reads " + FORMAT);
        }
        try {
            List<Layer> layers = new ArrayList<>();
            for (JsonObject layer : json.objects("layers")) {
                layers.add(new Layer(
                        Digest.parse(layer.string("blobDigest")),
                        Digest.parse(layer.string("diffId")),
                        layer.number("bytes")));
            }
            JsonObject summed = json.object("sums");
            Map<String, Digest> sums = new TreeMap<>();
            for (String name : summed.names()) {
                sums.put(name, Digest.parse(summed.string(name)));
            }
            return new EntryDocument(
                    Digest.parse(json.string("digest")),
                    json.strings("references"),
                    Platform.parse(json.string("platform")),
                    Digest.parse(json.string("configDigest")),
                    layers,
                    RootfsKind.parse(json.string("kind")),
                    json.number("bytes"),
                    json.number("inodes"),
                    json.string("publication"),
                    Instant.ofEpochMilli(json.number("createdAtMillis")),
                    json.string("createdBy"),
                    sums);
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    public byte[] toJson() throws IOException {
        return JsonObject.write(this::write);
    }

    /** Writes the members into the object that is open. */
    public void write(JsonWriter json) throws IOException {
        json.writeNumberField("format", FORMAT);
        json.writeStringField("digest", digest.toString());
        json.writeArrayFieldStart("references");
        for (String reference : references) {
            json.writeString(reference);
        }
        json.writeEndArray();
        json.writeStringField("platform", platform.toString());
        json.writeStringField("configDigest", configDigest.toString());
        json.writeArrayFieldStart("layers");
        for (Layer layer : layers) {
            json.writeStartObject();
            json.writeStringField("blobDigest", layer.blobDigest().toString());
            json.writeStringField("diffId", layer.diffId().toString());
            json.writeNumberField("bytes", layer.bytes());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeStringField("kind", kind.label());
        json.writeNumberField("bytes", bytes);
        json.writeNumberField("inodes", inodes);
        json.writeStringField("publication", publication);
        json.writeNumberField("createdAtMillis", createdAt.toEpochMilli());
        json.writeStringField("createdBy", createdBy);
        if (!sums.isEmpty()) {
            json.writeObjectFieldStart("sums");
            for (Map.Entry<String, Digest> sum : sums.entrySet()) {
                json.writeStringField(sum.getKey(), sum.getValue().toString());
            }
            json.writeEndObject();
        }
    }
}
