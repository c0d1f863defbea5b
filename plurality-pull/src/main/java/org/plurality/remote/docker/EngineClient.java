// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.docker;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.SocketFactory;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.ConnectionSpec;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;

/** Asks one daemon, over connections of their own. For any number of threads. */
final class EngineClient {
    /** Stands in the requests: the sockets know where the daemon is. */
    private static final String HOST = "docker";

    private final OkHttpClient client;

    EngineClient(EngineAddress address) {
        client = new OkHttpClient.Builder()
                .socketFactory(new EngineSockets(address))
                .dns(_ -> List.of(InetAddress.getLoopbackAddress()))
                .proxy(Proxy.NO_PROXY)
                .connectionSpecs(List.of(ConnectionSpec.CLEARTEXT))
                .protocols(List.of(Protocol.HTTP_1_1))
                .connectionPool(new ConnectionPool(0, 1, TimeUnit.SECONDS))
                .readTimeout(Duration.ZERO)
                .writeTimeout(Duration.ZERO)
                .followRedirects(false)
                .retryOnConnectionFailure(false)
                .build();
    }

    /**
     * Sends {@code GET} and waits for the head of the answer.
     *
     * @param path with what is not plain in it encoded, and without {@code ..}
     * @return for the caller to close
     */
    Response get(String path) throws IOException {
        HttpUrl url = new HttpUrl.Builder()
                .scheme("http")
                .host(HOST)
                .encodedPath(path)
                .build();
        Call call = client.newCall(new Request.Builder()
                .url(url)
                .header("User-Agent", "plurality")
                .header("Accept-Encoding", "identity")
                .header("Connection", "close")
                .build());
        try {
            return call.execute();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            // Kotlin declares no exceptions: this is an InterruptedException.
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    /** Ends what is under way, from any thread. */
    void cancel() {
        client.dispatcher().cancelAll();
    }

    /** Makes the sockets; the library connects them itself. */
    private static final class EngineSockets extends SocketFactory {
        private final EngineAddress address;

        EngineSockets(EngineAddress address) {
            this.address = address;
        }

        @Override
        public Socket createSocket() throws IOException {
            return new EngineSocket(address);
        }

        @Override
        public Socket createSocket(String host, int port) {
            throw new UnsupportedOperationException("is connected by the library");
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress from, int fromPort) {
            throw new UnsupportedOperationException("is connected by the library");
        }

        @Override
        public Socket createSocket(InetAddress host, int port) {
            throw new UnsupportedOperationException("is connected by the library");
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort) {
            throw new UnsupportedOperationException("is connected by the library");
        }
    }
}
