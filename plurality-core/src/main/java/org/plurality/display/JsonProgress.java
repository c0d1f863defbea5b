// SPDX-License-Identifier: Apache-2.0
package org.plurality.display;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.function.LongSupplier;
import org.plurality.failure.PluralityException;
import org.plurality.json.JsonObject;

/**
 * Progress for programs: one JSON object in each line. {@code event} is {@code phase} or {@code note} (with {@code
 * text}), {@code layers} ({@code layers}, {@code bytes}), {@code progress} ({@code bytes} present so far, {@code held}
 * of these not fetched, {@code total}; at most once a second), {@code applied} ({@code layer}, from 0) or, last,
 * {@code error} ({@code text}, {@code hint}, {@code code}: the exit code).
 */
public final class JsonProgress implements Progress {
    private static final long EVERY_NANOS = 1_000_000_000;

    private final PrintStream out;
    private final LongSupplier nanoTime;
    private long total;
    private long fetched;
    private long held;
    private long toldAtNanos;

    public JsonProgress(PrintStream out, LongSupplier nanoTime) {
        this.out = out;
        this.nanoTime = nanoTime;
    }

    @Override
    public synchronized void phase(String what) {
        print("phase", json -> json.writeStringField("text", what));
    }

    @Override
    public synchronized void note(String what) {
        print("note", json -> json.writeStringField("text", what));
    }

    @Override
    public synchronized void begin(List<Long> layerBytes) {
        total = layerBytes.stream().mapToLong(Long::longValue).sum();
        fetched = 0;
        held = 0;
        toldAtNanos = nanoTime.getAsLong();
        print("layers", json -> {
            json.writeNumberField("layers", layerBytes.size());
            json.writeNumberField("bytes", total);
        });
    }

    @Override
    public synchronized void fetched(int layer, int bytes) {
        fetched += bytes;
        tell();
    }

    @Override
    public synchronized void held(int layer, long bytes) {
        held += bytes;
        tell();
    }

    @Override
    public synchronized void applied(int layer) {
        print("applied", json -> json.writeNumberField("layer", layer));
    }

    @Override
    public synchronized void failed(PluralityException failure) {
        print("error", json -> {
            json.writeStringField("text", failure.getMessage());
            json.writeStringField("hint", failure.hint());
            json.writeNumberField("code", failure.kind().exitCode());
        });
    }

    @Override
    public void close() {}

    private void tell() {
        long now = nanoTime.getAsLong();
        if (now - toldAtNanos >= EVERY_NANOS || fetched + held == total) {
            toldAtNanos = now;
            print("progress", json -> {
                json.writeNumberField("bytes", fetched + held);
                json.writeNumberField("held", held);
                json.writeNumberField("total", total);
            });
        }
    }

    private void print(String event, JsonObject.Members members) {
        try {
            out.println(JsonObject.line(json -> {
                json.writeStringField("event", event);
                members.write(json);
            }));
        } catch (IOException e) {
            throw new IllegalStateException("no member here fails", e);
        }
    }
}
