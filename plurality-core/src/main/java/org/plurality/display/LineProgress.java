// SPDX-License-Identifier: Apache-2.0
package org.plurality.display;

import java.io.PrintStream;
import java.util.List;

/** Progress for logs: one line for each phase, and nothing in between. */
public final class LineProgress implements Progress {
    private final PrintStream out;

    public LineProgress(PrintStream out) {
        this.out = out;
    }

    @Override
    public void phase(String what) {
        out.println(what);
    }

    @Override
    public void begin(List<Long> layerBytes) {
        long total = layerBytes.stream().mapToLong(Long::longValue).sum();
        out.println("fetching and unpacking " + layerBytes.size() + (layerBytes.size() == 1 ? " layer, " : " layers, ")
                + ByteCount.of(total));
    }

    @Override
    public void fetched(int layer, int bytes) {}

    @Override
    public void applied(int layer) {}

    @Override
    public void close() {}
}
