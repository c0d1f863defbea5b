package org.plurality.events;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.plurality.json.JsonObject;
import org.plurality.json.JsonWriter;

/**
 * Something that happened in a cache.
 *
 * @param at by the clock of the host on which it did
 * @param event a kind's label: one that this version does not know may come from a later one
 * @param digest of the image, or empty
 * @param reference that people used, or empty
 * @param bytes that came or went; 0 when none
 * @param inodes that there are, of a {@code size}; 0 when none, and of versions that did not count them
 * @param millis that it took; 0 when it has no length
 * @param why in words, or empty
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
        /** A pull staged it in, or waited for who did. */
        MISS("miss"),
        /** A pull failed; {@code why} is the error. */
        PULL_FAILED("pull-failed"),
        /** Expiry removed it; {@code why} is the rule. */
        EXPIRED("expired"),
        /** A person removed it. */
        REMOVED("removed"),
        /** A pass of the daemon, or of {@code expire}, had a problem. */
        ERROR("error"),
        /** A part of the cache was verified: {@code bytes} of it, {@code why} says what came of it. */
        VERIFIED("verified"),
        /** An image is not what was published; {@code why} is the first difference. */
        DAMAGED("damaged"),
        /** A damaged image was staged in again. */
        REPAIRED("repaired"),
        /** What the cache holds, at the end of an expiry: {@code bytes}, {@code inodes}, and {@code millis} of the pass. */
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
