// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.plurality.posix.Errno;
import org.plurality.posix.PosixException;

@Timeout(60)
class WriteBehindTest {
    private final Semaphore mayEnd = new Semaphore(0);
    private final Semaphore begun = new Semaphore(0);
    private final AtomicInteger atOnce = new AtomicInteger();
    private final AtomicInteger mostAtOnce = new AtomicInteger();
    private final WriteBehind behind = new WriteBehind(this::flush);

    private void flush() {
        mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
        begun.release();
        mayEnd.acquireUninterruptibly();
        atOnce.decrementAndGet();
    }

    @Test
    void aSmallImageSeesNoFlush() throws Exception {
        behind.wrote(WriteBehind.STEP_BYTES - 1);
        behind.await();
        assertThat(begun.availablePermits()).isZero();
    }

    @Test
    void moreIsUnpackedWhileOneFlushIsUnderWay() throws Exception {
        behind.wrote(WriteBehind.STEP_BYTES);
        begun.acquire();
        // Returns, though the flush does not.
        behind.wrote(WriteBehind.STEP_BYTES);
        behind.wrote(WriteBehind.STEP_BYTES);
        assertThat(begun.tryAcquire(50, TimeUnit.MILLISECONDS)).isFalse();
        mayEnd.release(2);
        behind.await();
        behind.wrote(0);
        behind.await();
        assertThat(begun.availablePermits()).isEqualTo(1);
        assertThat(mostAtOnce).hasValue(1);
    }

    @Test
    void notMoreThanTheBoundWaitsToBeStored() throws Exception {
        behind.wrote(WriteBehind.STEP_BYTES);
        begun.acquire();
        Thread writer = Thread.ofPlatform().start(() -> {
            try {
                behind.wrote(WriteBehind.MOST_BYTES);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        assertThat(writer.join(Duration.ofMillis(100))).isFalse();
        mayEnd.release(2);
        writer.join();
        begun.acquire();
        assertThat(mostAtOnce).hasValue(1);
    }

    @Test
    void whatCouldNotBeStoredIsSaidAtTheNextStepOrAtTheEnd() throws Exception {
        WriteBehind full = new WriteBehind(() -> {
            throw new PosixException("syncfs", Errno.ENOSPC);
        });
        full.wrote(WriteBehind.STEP_BYTES);
        assertThatThrownBy(full::await).isInstanceOf(PosixException.class);
        WriteBehind again = new WriteBehind(() -> {
            throw new PosixException("syncfs", Errno.EIO);
        });
        again.wrote(WriteBehind.STEP_BYTES);
        assertThatThrownBy(() -> again.wrote(WriteBehind.MOST_BYTES)).hasMessageContaining(Errno.EIO.words());
    }

    @Test
    void aThreadThatIsToEndDoesNotWaitForAFlush() throws Exception {
        behind.wrote(WriteBehind.STEP_BYTES);
        Thread.currentThread().interrupt();
        assertThatThrownBy(behind::await).isInstanceOf(IOException.class);
        assertThat(Thread.interrupted()).isTrue();
        mayEnd.release();
        behind.await();
    }
}
