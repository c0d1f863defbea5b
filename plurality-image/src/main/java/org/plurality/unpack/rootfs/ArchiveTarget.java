// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import java.io.OutputStream;
import org.plurality.failure.PluralityException;

/** What makes one file of a tar that arrives piece by piece. For one thread. */
public interface ArchiveTarget extends AutoCloseable {
    /**
     * Begins, or begins anew: what was made before is dropped.
     *
     * @return takes the tar; a write fails with an {@link java.io.IOException} once the maker has given up
     */
    OutputStream begin() throws PluralityException;

    /**
     * The tar was written to its end. Waits for the file.
     *
     * @throws PluralityException when it was not made; says why
     */
    void end(Root root) throws PluralityException;

    /** Ends the making; what was made but not ended is removed. */
    @Override
    void close();

    /** The root directory, for which a tar has no name that every reader takes. */
    record Root(int mode, int uid, int gid, long seconds) {}
}
