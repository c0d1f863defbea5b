// SPDX-License-Identifier: Apache-2.0
package org.plurality.display;

import java.io.PrintStream;
import java.util.function.LongSupplier;
import org.plurality.failure.Printable;

/**
 * The progress of a long read: a line that is repainted on a terminal, elsewhere one line for each object. For one
 * thread.
 */
public final class ReadProgress implements AutoCloseable {
    private static final long PAINT_NANOS = 200_000_000L;
    private static final double NANOS = 1e9;

    private final PrintStream out;
    private final boolean isPainted;
    private final int columns;
    private final long total;
    private final LongSupplier nanoTime;
    private final long began;
    private long read;
    private long painted;
    private String what = "";
    private int width;

    /**
     * @param isPainted whether the output is a terminal
     * @param total total number of bytes, as far as known
     */
    public ReadProgress(PrintStream out, boolean isPainted, int columns, long total, LongSupplier nanoTime) {
        this.out = out;
        this.isPainted = isPainted;
        this.columns = columns;
        this.total = total;
        this.nanoTime = nanoTime;
        this.began = nanoTime.getAsLong();
        this.painted = began;
    }

    /** Begins the next object. */
    public void begin(String next) {
        what = Printable.line(next);
        if (isPainted) {
            paint();
        } else {
            out.println(what);
        }
    }

    public void read(long bytes) {
        read += bytes;
        if (isPainted && nanoTime.getAsLong() - painted > PAINT_NANOS) {
            paint();
        }
    }

    @Override
    public void close() {
        clear();
    }

    /** Clears the line, so that another text can be printed. */
    public void clear() {
        if (width > 0) {
            out.print("\r" + " ".repeat(width) + "\r");
            out.flush();
            width = 0;
        }
    }

    private void paint() {
        painted = nanoTime.getAsLong();
        double seconds = (painted - began) / NANOS;
        StringBuilder line = new StringBuilder(what);
        line.append(": ").append(ByteCount.of(read)).append(" of ").append(ByteCount.of(Math.max(total, read)));
        if (seconds > 1 && read > 0) {
            double rate = read / seconds;
            line.append(", ").append(ByteCount.of((long) rate)).append("/s");
            line.append(", ").append((long) (Math.max(0, total - read) / rate)).append(" s left");
        }
        if (line.length() > columns - 1) {
            line.setLength(columns - 1);
        }
        String padding = " ".repeat(Math.max(0, width - line.length()));
        width = line.length();
        out.print("\r" + line + padding);
        out.flush();
    }
}
