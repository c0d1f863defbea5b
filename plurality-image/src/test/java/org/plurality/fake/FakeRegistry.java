// SPDX-License-Identifier: Apache-2.0
package org.plurality.fake;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.plurality.reference.Digest;

/**
 * A registry on loopback that follows the distribution specification, ranges included, and misbehaves on request. It remembers what it
 * was sent.
 */
public final class FakeRegistry implements AutoCloseable {
    private final HttpServer server;
    private final String scheme;
    private final ExecutorService workers = Executors.newCachedThreadPool();
    private final Map<String, Document> manifests = new ConcurrentHashMap<>();
    private final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
    private final Map<String, byte[]> referrers = new ConcurrentHashMap<>();
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final List<Fault> faults = new CopyOnWriteArrayList<>();

    private static final class Document {
        final byte[] bytes;
        final String type;

        Document(byte[] bytes, String type) {
            this.bytes = bytes.clone();
            this.type = type;
        }
    }

    /** What a client sent. */
    public record Received(
            String path,
            @Nullable String authorization,
            @Nullable String range) {}

    /** Something that goes wrong. */
    @FunctionalInterface
    public interface Fault {
        /** @return whether it answered; else the next fault, and then the registry, does */
        boolean answer(HttpExchange exchange, String path) throws IOException;
    }

    public FakeRegistry() throws IOException {
        this(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64), "http");
    }

    /** Over https, with a certificate for 127.0.0.1. */
    public static FakeRegistry tls(FakeCertificate certificate) throws IOException {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        server.setHttpsConfigurator(new HttpsConfigurator(certificate.context()));
        return new FakeRegistry(server, "https");
    }

    private FakeRegistry(HttpServer server, String scheme) {
        this.server = server;
        this.scheme = scheme;
        server.setExecutor(workers);
        server.createContext("/", this::handle);
        server.start();
    }

    /** {@code HOST:PORT}. */
    public String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    public String url(String path) {
        return scheme + "://" + host() + path;
    }

    public FakeRegistry add(String tag, FakeImage image) {
        blobs.put(image.configDigest().toString(), image.config());
        for (int i = 0; i < image.layerCount(); i++) {
            blobs.put(image.layerDigest(i).toString(), image.layer(i));
        }
        return manifest(tag, image.manifest(), FakeImage.MANIFEST_TYPE);
    }

    public FakeRegistry manifest(String tag, byte[] bytes, String type) {
        manifests.put(tag, new Document(bytes, type));
        manifests.put(Digest.sha256(bytes).toString(), new Document(bytes, type));
        return this;
    }

    public FakeRegistry blob(Digest digest, byte[] bytes) {
        blobs.put(digest.toString(), bytes.clone());
        return this;
    }

    /** What refers to a manifest: an index. */
    public FakeRegistry referrers(Digest manifest, byte[] index) {
        referrers.put(manifest.toString(), index.clone());
        return this;
    }

    public FakeRegistry misbehave(Fault fault) {
        faults.add(fault);
        return this;
    }

    public List<Received> received() {
        return List.copyOf(received);
    }

    /** Requests whose path has this in it. */
    public long count(String part) {
        return received.stream()
                .filter(request -> request.path().contains(part))
                .count();
    }

    @Override
    public void close() {
        server.stop(0);
        workers.shutdownNow();
    }

    public static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().toString();
        received.add(new Received(
                path,
                exchange.getRequestHeaders().getFirst("Authorization"),
                exchange.getRequestHeaders().getFirst("Range")));
        for (Fault fault : faults) {
            if (fault.answer(exchange, path)) {
                exchange.close();
                return;
            }
        }
        String last = path.substring(path.lastIndexOf('/') + 1);
        Document manifest = manifests.get(last);
        byte[] blob = blobs.get(last);
        if (path.contains("/manifests/") && manifest != null) {
            exchange.getResponseHeaders().set("Content-Type", manifest.type);
            answer(exchange, 200, manifest.bytes);
        } else if (path.contains("/referrers/") && referrers.containsKey(last)) {
            answer(exchange, 200, referrers.get(last));
        } else if (path.contains("/blobs/") && blob != null) {
            sendBlob(exchange, blob);
        } else {
            answer(exchange, 404, FakeImage.utf8("{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\"}]}"));
        }
    }

    private static void sendBlob(HttpExchange exchange, byte[] blob) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        if (range == null) {
            answer(exchange, 200, blob);
            return;
        }
        int start = Integer.parseInt(range.substring("bytes=".length(), range.indexOf('-')));
        if (start >= blob.length) {
            answer(exchange, 416, new byte[0]);
            return;
        }
        exchange.getResponseHeaders()
                .set("Content-Range", "bytes " + start + "-" + (blob.length - 1) + "/" + blob.length);
        answer(exchange, 206, Arrays.copyOfRange(blob, start, blob.length));
    }
}
