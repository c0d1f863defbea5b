// SPDX-License-Identifier: Apache-2.0
package org.plurality.display;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Progress for people: one line, repainted five times a second. It shows bytes, rate, a letter for each layer ({@code
 * .} waits, {@code :} is being fetched, {@code +} is fetched, {@code #} is unpacked) and the time left. If the
 * terminal is wide enough, it also shows the progress and time left of each layer that is being fetched, counted from
 * 1. Phases stay as lines above it.
 */
public final class TerminalProgress implements Progress {
    private static final long PAINT_MILLIS = 200;
    private static final int MOST_LETTERS = 40;
    private static final String LEGEND = "layers: . waiting  : being fetched  + fetched  # unpacked";

    private final PrintStream out;
    private final int columns;
    private final LongSupplier nanoTime;
    private final ScheduledExecutorService painter;

    private long[] sizes = {};
    private long[] fetched = {};
    private boolean[] applied = {};

    /** The time of each layer's first byte, and the bytes that were present before. */
    private long[] layerBegan = {};

    private long[] layerHeld = {};
    private long held;
    private long beganNanos;
    private boolean painted;

    /** @param columns width of the terminal */
    public TerminalProgress(PrintStream out, int columns, LongSupplier nanoTime) {
        this.out = out;
        this.columns = columns;
        this.nanoTime = nanoTime;
        this.painter = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("progress").factory());
        var _ = painter.scheduleWithFixedDelay(this::paint, PAINT_MILLIS, PAINT_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public synchronized void phase(String what) {
        erase();
        out.println(what);
    }

    @Override
    public synchronized void begin(List<Long> layerBytes) {
        sizes = layerBytes.stream().mapToLong(Long::longValue).toArray();
        fetched = new long[sizes.length];
        applied = new boolean[sizes.length];
        layerBegan = new long[sizes.length];
        layerHeld = new long[sizes.length];
        held = 0;
        beganNanos = nanoTime.getAsLong();
        if (sizes.length > 0) {
            erase();
            out.println(LEGEND);
        }
    }

    @Override
    public synchronized void fetched(int layer, int bytes) {
        if (fetched[layer] == layerHeld[layer]) {
            layerBegan[layer] = nanoTime.getAsLong();
        }
        fetched[layer] += bytes;
    }

    @Override
    public synchronized void held(int layer, long bytes) {
        fetched[layer] += bytes;
        layerHeld[layer] += bytes;
        held += bytes;
    }

    @Override
    public synchronized void applied(int layer) {
        applied[layer] = true;
        for (boolean one : applied) {
            if (!one) {
                return;
            }
        }
        erase();
        sizes = new long[0];
    }

    @Override
    public synchronized void close() {
        painter.shutdownNow();
        erase();
        sizes = new long[0];
    }

    private synchronized void paint() {
        if (sizes.length == 0) {
            return;
        }
        String line = line();
        out.print("\r" + (line.length() >= columns ? line.substring(0, columns - 1) : line) + "\u001b[K");
        out.flush();
        painted = true;
    }

    /** Returns the line as it would be painted now. */
    synchronized String line() {
        long total = 0;
        long done = 0;
        StringBuilder letters = new StringBuilder();
        for (int i = 0; i < sizes.length; i++) {
            total += sizes[i];
            done += fetched[i];
            if (i < MOST_LETTERS) {
                letters.append(letter(i));
            }
        }
        String head = ByteCount.of(done) + " / " + ByteCount.of(total) + "  ";
        if (done >= total) {
            return head + "[" + letters + "]  unpacking";
        }
        long rate = rate(done - held, beganNanos);
        String left = rate == 0 ? "" : duration(Duration.ofSeconds((total - done) / rate)) + " left";
        return withLayers(head + ByteCount.of(rate) + "/s  [" + letters + "]  " + left);
    }

    /** Appends as many layers as fit. */
    private String withLayers(String line) {
        StringBuilder text = new StringBuilder(line);
        for (int i = 0; i < sizes.length; i++) {
            if (letter(i) == ':') {
                String layer = layer(i);
                if (text.length() + layer.length() >= columns) {
                    break;
                }
                text.append(layer);
            }
        }
        return text.toString();
    }

    private String layer(int layer) {
        long rate = rate(fetched[layer] - layerHeld[layer], layerBegan[layer]);
        String left = rate == 0 ? "" : " " + duration(Duration.ofSeconds((sizes[layer] - fetched[layer]) / rate));
        return "  " + (layer + 1) + ": " + fetched[layer] * 100 / Math.max(1, sizes[layer]) + " %" + left;
    }

    /** Returns the rate in bytes per second. */
    private long rate(long bytes, long sinceNanos) {
        double seconds = Math.max(0.001, (nanoTime.getAsLong() - sinceNanos) / 1e9);
        return (long) (Math.max(0, bytes) / seconds);
    }

    private char letter(int layer) {
        if (applied[layer]) {
            return '#';
        }
        if (fetched[layer] == sizes[layer]) {
            return '+';
        }
        return fetched[layer] == 0 ? '.' : ':';
    }

    private static String duration(Duration time) {
        return time.toMinutes() == 0
                ? time.toSeconds() + " s"
                : time.toMinutes() + " min " + time.toSecondsPart() + " s";
    }

    private void erase() {
        if (painted) {
            out.print("\r\u001b[K");
            painted = false;
        }
        out.flush();
    }
}
