// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

final class ParallelReadsTest {
    private static final List<Integer> MANY = IntStream.range(0, 1000).boxed().toList();

    @Test
    void whatIsReadOfManyIsInTheirOrder() throws Exception {
        assertThat(ParallelReads.of(MANY, i -> i * 2))
                .isEqualTo(MANY.stream().map(i -> i * 2).toList());
    }

    @Test
    void severalAreReadAtOnce() throws Exception {
        // None ends before the second has begun.
        CountDownLatch begun = new CountDownLatch(2);
        assertThat(ParallelReads.of(MANY, i -> {
                    begun.countDown();
                    try {
                        begun.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return i;
                }))
                .isEqualTo(MANY);
    }

    @Test
    void fewAreReadByTheCallingThreadAlone() throws Exception {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        assertThat(ParallelReads.of(MANY.subList(0, 100), i -> {
                    threads.add(Thread.currentThread());
                    return i;
                }))
                .hasSize(100);
        assertThat(threads).containsExactly(Thread.currentThread());
    }

    @Test
    void whatAReadingThrowsIsThrown() {
        assertThatThrownBy(() -> ParallelReads.of(MANY, i -> {
                    if (i == 700) {
                        throw new PluralityException(FailureKind.STORAGE, "cannot read 700", "");
                    }
                    return i;
                }))
                .isInstanceOf(PluralityException.class)
                .hasMessageContaining("700");
        assertThatThrownBy(() -> ParallelReads.of(MANY, i -> 1 / (i - 300))).isInstanceOf(ArithmeticException.class);
    }

    @Test
    void whoIsInterruptedHearsOfIt() {
        Thread caller = Thread.currentThread();
        CountDownLatch heard = new CountDownLatch(1);
        assertThatThrownBy(() -> {
                    caller.interrupt();
                    ParallelReads.of(MANY, i -> {
                        if (Thread.currentThread() != caller) {
                            // One whose readers are done has no need to hear of it.
                            await(heard);
                        }
                        return i;
                    });
                })
                .isInstanceOfSatisfying(
                        PluralityException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.INTERRUPTED));
        heard.countDown();
        assertThat(Thread.interrupted()).isTrue();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
