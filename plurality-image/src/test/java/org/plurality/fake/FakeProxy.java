// SPDX-License-Identifier: Apache-2.0
package org.plurality.fake;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** An HTTP proxy on loopback that makes tunnels ({@code CONNECT}), whatever host is named, to a port of this machine. It remembers what it was asked. */
public final class FakeProxy implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    private final ExecutorService workers = Executors.newCachedThreadPool();
    private final Set<Closeable> open = Collections.newSetFromMap(new ConcurrentHashMap<>());
    private final List<String> heads = new CopyOnWriteArrayList<>();
    private final @Nullable String wanted;

    /** @param authorization that it wants to be sent; null for none */
    public FakeProxy(@Nullable String authorization) throws IOException {
        this.wanted = authorization;
        workers.execute(this::accept);
    }

    /** {@code HOST:PORT}. */
    public String host() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    /** The heads of the requests, with their first lines. */
    public List<String> heads() {
        return List.copyOf(heads);
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Closeable socket : open) {
            socket.close();
        }
        workers.shutdownNow();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                open.add(client);
                workers.execute(() -> serve(client));
            } catch (IOException e) {
                // It was closed.
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            String head = head(client.getInputStream());
            while (!head.isEmpty()) {
                heads.add(head);
                String[] request = head.split("[ \r]", 3);
                if (!request[0].equals("CONNECT")) {
                    answer(client, "405 Method Not Allowed\r\nContent-Length: 0");
                } else if (wanted != null && !head.contains("\r\nProxy-Authorization: " + wanted + "\r\n")) {
                    answer(
                            client,
                            "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"p\"\r\n"
                                    + "Content-Length: 0");
                } else {
                    tunnel(client, Integer.parseInt(request[1].substring(request[1].lastIndexOf(':') + 1)));
                    return;
                }
                head = head(client.getInputStream());
            }
        } catch (IOException e) {
            // One side has gone; so does the other.
        }
    }

    private void tunnel(Socket client, int port) throws IOException {
        try (Socket target = new Socket(InetAddress.getLoopbackAddress(), port)) {
            open.add(target);
            answer(client, "200 Connection established");
            workers.execute(() -> pass(target, client));
            pass(client, target);
        }
    }

    private static void pass(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            // One side has gone.
        }
    }

    private static void answer(Socket client, String status) throws IOException {
        client.getOutputStream().write(("HTTP/1.1 " + status + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    /** Up to the empty line, and not a byte more; empty at the end of the stream. */
    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                return "";
            }
            head.write(next);
        }
        return head.toString(StandardCharsets.US_ASCII);
    }
}
