// SPDX-License-Identifier: Apache-2.0
package org.plurality.fake;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/** The ways in which registries misbehave. Each happens to paths with the given part in them, and as often as said. */
public final class FakeFaults {
    private FakeFaults() {}

    public static FakeRegistry.Fault status(String part, int times, int status) {
        return times(part, times, (exchange, _) -> {
            FakeRegistry.answer(exchange, status, new byte[0]);
            return true;
        });
    }

    public static FakeRegistry.Fault retryAfter(String part, int times, int seconds) {
        return times(part, times, (exchange, _) -> {
            exchange.getResponseHeaders().set("Retry-After", Integer.toString(seconds));
            FakeRegistry.answer(exchange, 429, new byte[0]);
            return true;
        });
    }

    /** Closes the connection without a word. */
    public static FakeRegistry.Fault hangUp(String part, int times) {
        return times(part, times, (exchange, _) -> {
            exchange.close();
            return true;
        });
    }

    /** Announces the whole and sends some. */
    public static FakeRegistry.Fault truncated(String part, int times, byte[] whole, int sent) {
        return times(part, times, (exchange, _) -> {
            exchange.sendResponseHeaders(200, whole.length);
            exchange.getResponseBody().write(whole, 0, sent);
            exchange.getResponseBody().flush();
            return true;
        });
    }

    /** As chunks, of which the last never comes. */
    public static FakeRegistry.Fault chunkCut(String part, int times, byte[] whole, int sent) {
        return times(part, times, (exchange, _) -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(whole, 0, sent);
            exchange.getResponseBody().flush();
            return true;
        });
    }

    /** Answers a range with the bytes from elsewhere. */
    public static FakeRegistry.Fault wrongRange(String part, int times, byte[] whole) {
        return onlyRanges(times(part, times, (exchange, _) -> {
            exchange.getResponseHeaders().set("Content-Range", "bytes 0-" + (whole.length - 1) + "/" + whole.length);
            FakeRegistry.answer(exchange, 206, whole);
            return true;
        }));
    }

    /** Answers a range with the whole. */
    public static FakeRegistry.Fault wholeForRange(String part, int times, byte[] whole) {
        return onlyRanges(times(part, times, (exchange, _) -> {
            FakeRegistry.answer(exchange, 200, whole);
            return true;
        }));
    }

    public static FakeRegistry.Fault content(String part, byte[] content) {
        byte[] kept = Arrays.copyOf(content, content.length);
        return times(part, Integer.MAX_VALUE, (exchange, _) -> {
            FakeRegistry.answer(exchange, 200, kept);
            return true;
        });
    }

    public static FakeRegistry.Fault redirect(String part, String target) {
        return times(part, Integer.MAX_VALUE, (exchange, path) -> {
            exchange.getResponseHeaders().set("Location", target + path);
            FakeRegistry.answer(exchange, 307, new byte[0]);
            return true;
        });
    }

    /** Wants this {@code Authorization}, else sends the challenge; empty for none. */
    public static FakeRegistry.Fault wants(String part, String authorization, String challenge) {
        return times(part, Integer.MAX_VALUE, (exchange, _) -> {
            if (authorization.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                return false;
            }
            if (!challenge.isEmpty()) {
                exchange.getResponseHeaders().set("WWW-Authenticate", challenge);
            }
            FakeRegistry.answer(exchange, 401, new byte[0]);
            return true;
        });
    }

    public static FakeRegistry.Fault times(String part, int times, FakeRegistry.Fault fault) {
        AtomicInteger left = new AtomicInteger(times);
        return (HttpExchange exchange, String path) -> answer(part, left, fault, exchange, path);
    }

    private static boolean answer(
            String part, AtomicInteger left, FakeRegistry.Fault fault, HttpExchange exchange, String path)
            throws IOException {
        return path.contains(part) && left.getAndDecrement() > 0 && fault.answer(exchange, path);
    }

    private static FakeRegistry.Fault onlyRanges(FakeRegistry.Fault fault) {
        return (exchange, path) -> exchange.getRequestHeaders().containsKey("Range") && fault.answer(exchange, path);
    }
}
