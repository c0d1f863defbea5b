// SPDX-License-Identifier: Apache-2.0
package org.plurality.display;

import java.util.ArrayList;
import java.util.List;

/** Keeps the notes that it is given. */
public final class Notes implements Progress {
    private final List<String> notes = new ArrayList<>();

    /** All of them, one a line. */
    public String text() {
        return String.join("\n", notes);
    }

    @Override
    public void note(String what) {
        notes.add(what);
    }

    @Override
    public void phase(String what) {}

    @Override
    public void begin(List<Long> layerBytes) {}

    @Override
    public void fetched(int layer, int bytes) {}

    @Override
    public void applied(int layer) {}

    @Override
    public void close() {}
}
