// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.squashfs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.plurality.failure.Printable;

/** The last of what a program says on its standard error, read to the end so that it never waits. */
final class Complaints {
    private static final int KEPT = 2000;

    private final CompletableFuture<String> text = new CompletableFuture<>();

    private Complaints() {}

    static Complaints of(InputStream errors) {
        Complaints complaints = new Complaints();
        Thread.ofPlatform().daemon().name("mksquashfs").start(() -> complaints.read(errors));
        return complaints;
    }

    private void read(InputStream errors) {
        StringBuilder last = new StringBuilder();
        byte[] buffer = new byte[1024];
        try (errors) {
            for (int read = errors.read(buffer); read >= 0; read = errors.read(buffer)) {
                last.append(new String(buffer, 0, read, StandardCharsets.ISO_8859_1));
                last.delete(0, Math.max(0, last.length() - KEPT));
            }
        } catch (IOException e) {
            // It was ended.
        }
        text.complete(Printable.line(last.toString().strip()));
    }

    /** Of a program that has ended. */
    String text() {
        try {
            return text.get(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        } catch (ExecutionException | TimeoutException e) {
            return "";
        }
    }
}
