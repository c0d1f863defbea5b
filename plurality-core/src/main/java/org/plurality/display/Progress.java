// SPDX-License-Identifier: Apache-2.0
package org.plurality.display;

import java.util.List;
import org.plurality.failure.PluralityException;

/** Receives the progress of a pull, from any thread. Implementations never fail and never block for long. */
public interface Progress extends AutoCloseable {
    /** Begins a phase, described by one sentence without a full stop. */
    void phase(String what);

    /** Says that something of the image is left out or changed, by one sentence without a full stop. */
    default void note(String what) {
        phase("note: " + what);
    }

    /** Announces the sizes of the layers that will be fetched, the lowest layer first. */
    void begin(List<Long> layerBytes);

    /** Reports that more bytes of a layer arrived. */
    void fetched(int layer, int bytes);

    /** Reports bytes of a layer that need not be fetched because they are present; negative if they proved wrong. */
    default void held(int layer, long bytes) {}

    /** Reports that a layer was applied to the root filesystem. */
    void applied(int layer);

    /** Reports that the pull failed. Where people read, the error itself is printed elsewhere. */
    default void failed(PluralityException failure) {}

    @Override
    void close();

    /** Shows nothing. */
    final class Quiet implements Progress {
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
}
