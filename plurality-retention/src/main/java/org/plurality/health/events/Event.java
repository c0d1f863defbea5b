// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.events;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.plurality.json.JsonObject;
import org.plurality.json.JsonWriter;

/**
 * An event in a cache.
 *
 * @param at time, by the clock of the host that logged it
 * @param event label of the kind; an unknown label may come from a later version
 * @param digest digest of the image, or empty
 * @param reference reference that the user named, or empty
 * @param bytes bytes that were added or removed; 0 if none
 * @param inodes number of inodes, in a {@code size} event; 0 otherwise, and from versions that did not count them
 * @param millis duration; 0 if the event has none
 * @param why reason in words, or empty
 */
public record Event(
        Instant at,
        String event,
        String digest,
        String reference,
        long bytes,
        long inodes,
        long millis,
        String why,
        String user,
        String host)
        implements JsonObject.Members {

    /** The kinds that this version writes. */
    public enum Kind {
        /** A pull found the image staged. */
        HIT("hit"),
        /** A pull staged the image in, or waited for the process that did. */
        MISS("miss"),
        /** A pull failed; {@code why} is the error. */
        PULL_FAILED("pull-failed"),
        /** Expiry removed the image; {@code why} is the rule. */
        EXPIRED("expired"),
        /** A user removed the image. */
        REMOVED("removed"),
        /** A pass of the daemon, or of {@code expire}, had a problem. */
        ERROR("error"),
        /** A part of the cache was verified: {@code bytes} is its size, {@code why} the result. */
        VERIFIED("verified"),
        /** An image differs from what was published; {@code why} is the first difference. */
        DAMAGED("damaged"),
        /** A damaged image was staged in again. */
        REPAIRED("repaired"),
        /**
         * The size of the cache at the end of an expiry: {@code bytes}, {@code inodes}, and {@code millis} of the
         * pass.
         */
        SIZE("size");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }
    }

    static Event parse(String line) throws IOException {
        JsonObject json = JsonObject.parse(line.getBytes(StandardCharsets.UTF_8));
        return new Event(
                Instant.ofEpochMilli(json.number("atMillis")),
                json.string("event"),
                text(json.optionalString("digest")),
                text(json.optionalString("reference")),
                json.has("bytes") ? json.number("bytes") : 0,
                json.has("inodes") ? json.number("inodes") : 0,
                json.has("millis") ? json.number("millis") : 0,
                text(json.optionalString("why")),
                text(json.optionalString("user")),
                text(json.optionalString("host")));
    }

    @Override
    public void write(JsonWriter json) {
        json.writeNumberField("atMillis", at.toEpochMilli());
        json.writeStringField("event", event);
        optional(json, "digest", digest);
        optional(json, "reference", reference);
        optional(json, "bytes", bytes);
        optional(json, "inodes", inodes);
        optional(json, "millis", millis);
        optional(json, "why", why);
        optional(json, "user", user);
        optional(json, "host", host);
    }

    private static void optional(JsonWriter json, String name, String value) {
        if (!value.isEmpty()) {
            json.writeStringField(name, value);
        }
    }

    private static void optional(JsonWriter json, String name, long value) {
        if (value != 0) {
            json.writeNumberField(name, value);
        }
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value;
    }
}
