// SPDX-License-Identifier: Apache-2.0
package org.plurality.posix;

import java.io.IOException;

/** A C call that returned -1. The message is the C library's words alone: whoever knows the path puts it in front. */
public final class PosixException extends IOException {
    private static final long serialVersionUID = 1;

    private final String call;
    private final Errno errno;

    public PosixException(String call, Errno errno) {
        super(errno.words());
        this.call = call;
        this.errno = errno;
    }

    PosixException(String call, int number) {
        super(
                Errno.of(number) == Errno.UNKNOWN
                        ? "Unknown error " + number
                        : Errno.of(number).words());
        this.call = call;
        this.errno = Errno.of(number);
    }

    /** The C function's name. */
    public String call() {
        return call;
    }

    public Errno errno() {
        return errno;
    }
}
