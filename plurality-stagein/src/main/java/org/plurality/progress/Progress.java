package org.plurality.progress;

import java.util.List;
import org.plurality.failure.PluralityException;

/** Told how a pull goes on, from any thread. Never fails and never blocks for long. */
public interface Progress extends AutoCloseable {
    /** A new phase, as one sentence without a full stop. */
    void phase(String what);

    /** Layers are about to be fetched: their sizes, the lowest first. */
    void begin(List<Long> layerBytes);

    /** More bytes of a layer arrived. */
    void fetched(int layer, int bytes);

    /** So many bytes of a layer need not be fetched: they were here. Negative when they proved wrong. */
    default void held(int layer, long bytes) {}

    /** A layer lies in the root filesystem. */
    void applied(int layer);

    /** It ended there, for good. Where people read, its words are printed elsewhere. */
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
