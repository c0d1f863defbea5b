// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import okhttp3.Headers;
import okhttp3.internal.concurrent.TaskRunner;
import okhttp3.internal.connection.BufferedSocketKt;
import okhttp3.internal.http2.Header;
import okhttp3.internal.http2.Http2Connection;
import okhttp3.internal.http2.Http2Stream;
import okio.Buffer;
import okio.ByteString;
import org.plurality.app.Session;
import org.plurality.process.Processes;
import org.plurality.pull.ShutdownHandler;
import org.plurality.reference.Digest;
import org.plurality.reference.Platform;

/**
 * What the JVM watches when the AOT cache is made: an image of one layer that is staged in from two registries of its own on loopback, one
 * with TLS and HTTP/2 that wants a token and one without, then pulled again, and missed. What these ways load starts from the cache; what
 * they do not load would be read from jars.
 *
 * <p>{@code StageInTraining KEYSTORE CERTIFICATE}: of the registry with TLS ("training") and of the authority that signed it ("authority"), as PKCS #12 with the
 * password "training", and where to write that authority's certificate, as PEM.
 */
final class StageInTraining {
    private static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
    private static final List<String> API_VERSION = List.of("Docker-Distribution-Api-Version", "registry/2.0");
    private static final int FILES = 1000;
    private static final int FILE_BYTES = 16 << 10;
    private static final int BLOCK = 512;

    private final byte[] layer;
    private final byte[] config;
    private final byte[] manifest;

    private StageInTraining() throws IOException {
        byte[] tar = tar();
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(tar);
        }
        layer = compressed.toByteArray();
        config = utf8(
                "{\"os\":\"linux\",\"architecture\":\"" + Platform.current().architecture()
                        + "\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" + Digest.sha256(tar) + "\"]}}");
        manifest = utf8("{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST_TYPE
                + "\",\"config\":" + descriptor("application/vnd.oci.image.config.v1+json", config)
                + ",\"layers\":[" + descriptor("application/vnd.oci.image.layer.v1.tar+gzip", layer) + "]}");
    }

    private static String descriptor(String type, byte[] bytes) {
        return "{\"mediaType\":\"" + type + "\",\"digest\":\"" + Digest.sha256(bytes) + "\",\"size\":" + bytes.length
                + "}";
    }

    /** Directories, files of some size, links: enough that what unpacks them is known to be busy. */
    private static byte[] tar() {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        byte[] content = new byte[FILE_BYTES];
        for (int i = 0; i < FILES; i++) {
            String directory = "usr/lib/part-" + i / 50;
            if (i % 50 == 0) {
                header(tar, '5', directory + "/", "", 0);
                header(tar, '2', directory + "/link", "file-" + i, 0);
            }
            Arrays.fill(content, (byte) i);
            header(tar, '0', directory + "/file-" + i, "", content.length);
            tar.writeBytes(content);
        }
        header(tar, '1', "usr/lib/hard", "usr/lib/part-0/file-0", 0);
        tar.writeBytes(new byte[2 * BLOCK]);
        return tar.toByteArray();
    }

    private static void header(ByteArrayOutputStream tar, char type, String name, String link, int size) {
        byte[] block = new byte[BLOCK];
        put(block, 0, name);
        put(block, 100, "0000755");
        put(block, 108, "0000000");
        put(block, 116, "0000000");
        put(block, 124, String.format("%011o", size));
        put(block, 136, String.format("%011o", 1_700_000_000));
        put(block, 148, "        ");
        block[156] = (byte) type;
        put(block, 157, link);
        put(block, 257, "ustar\00000");
        int sum = 0;
        for (byte one : block) {
            sum += one & 0xff;
        }
        put(block, 148, String.format("%06o\0", sum));
        tar.writeBytes(block);
    }

    private static void put(byte[] block, int offset, String text) {
        byte[] bytes = utf8(text);
        System.arraycopy(bytes, 0, block, offset, bytes.length);
    }

    public static void main(String[] arguments) throws IOException, GeneralSecurityException {
        int failed = 0;
        StageInTraining training = new StageInTraining();
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocket plain = new ServerSocket(0, 8, loopback);
                SSLServerSocket tls = (SSLServerSocket) context(Path.of(arguments[0]), Path.of(arguments[1]))
                        .getServerSocketFactory()
                        .createServerSocket(0, 8, loopback)) {
            SSLParameters parameters = tls.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            tls.setSSLParameters(parameters);
            Thread.ofPlatform().daemon().start(() -> training.serve(plain));
            Thread.ofPlatform().daemon().start(() -> training.serveHttp2(tls));
            String host = "127.0.0.1:" + plain.getLocalPort();
            Map<String, String> environment = new HashMap<>(System.getenv());
            environment.put("PLURALITY_INSECURE_REGISTRIES", host);
            environment.put("PLURALITY_CA_FILE", arguments[1]);
            String image = "127.0.0.1:" + tls.getLocalPort() + "/training/image:1";
            failed += run(environment, 0, "pull", "--format", "dir", image);
            failed += run(environment, 0, "pull", "--json", image);
            failed += run(environment, 0, "pull", host + "/training/image:1");
            failed += run(environment, 3, "pull", host + "/training/none:1");
            System.err.println("trained " + StageIn.class.getName());
        }
        Processes.halt(failed == 0 ? 0 : 1);
    }

    private static SSLContext context(Path keystore, Path authority) throws IOException, GeneralSecurityException {
        char[] password = "training".toCharArray();
        KeyStore store = KeyStore.getInstance(keystore.toFile(), password);
        byte[] trusted = store.getCertificate("authority").getEncoded();
        Files.writeString(
                authority,
                "-----BEGIN CERTIFICATE-----\n" + Base64.getMimeEncoder().encodeToString(trusted)
                        + "\n-----END CERTIFICATE-----\n");
        // Not what the registry shows.
        store.deleteEntry("authority");
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    /** Returns 0 when the command ends as is expected. */
    static int run(Map<String, String> environment, int expected, String... arguments) {
        ShutdownHandler interruption = new ShutdownHandler();
        interruption.install();
        Session session =
                new Session(environment, stream(FileDescriptor.out), stream(FileDescriptor.err), false, interruption);
        return new StageInCli(session).run(arguments) == expected ? 0 : 1;
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    /** @param header name and value of one more */
    private record Answer(int status, String type, List<String> header, ByteString body) {}

    /** In HTTP/1.1. */
    private void serve(ServerSocket registry) {
        while (!registry.isClosed()) {
            try (Socket connection = registry.accept()) {
                BufferedReader request = new BufferedReader(
                        new InputStreamReader(connection.getInputStream(), StandardCharsets.US_ASCII));
                String first = String.valueOf(request.readLine());
                for (String line = request.readLine(); line != null && !line.isEmpty(); line = request.readLine()) {
                    // No header changes an answer.
                }
                write(connection.getOutputStream(), answer(first, ""));
            } catch (IOException e) {
                // A caller who went away, or closed at the end of the training.
            }
        }
    }

    private static void write(OutputStream out, Answer answer) throws IOException {
        List<String> head = List.of(
                "HTTP/1.1 " + answer.status() + " Trained",
                "Content-Type: " + answer.type(),
                String.join(": ", answer.header()),
                "Content-Length: " + answer.body().size(),
                "Connection: close",
                "",
                "");
        out.write(utf8(String.join("\r\n", head)));
        out.write(answer.body().toByteArray());
        out.flush();
    }

    /** In HTTP/2, as most registries with TLS speak, by the client's own library, which knows the other end, too. */
    private void serveHttp2(ServerSocket registry) {
        String origin = "https://127.0.0.1:" + registry.getLocalPort();
        Http2Connection.Listener streams = new Http2Connection.Listener() {
            @Override
            public void onStream(Http2Stream stream) throws IOException {
                Headers request = stream.takeHeaders(false);
                boolean hasToken = request.get("authorization") != null;
                write(stream, answer(" " + request.get(Header.TARGET_PATH_UTF8), hasToken ? "" : origin));
            }
        };
        while (!registry.isClosed()) {
            try {
                Socket connection = registry.accept();
                new Http2Connection.Builder(false, TaskRunner.INSTANCE)
                        .socket(BufferedSocketKt.asBufferedSocket(connection), "training")
                        .listener(streams)
                        .build()
                        .start();
            } catch (IOException e) {
                // As above.
            }
        }
    }

    private static void write(Http2Stream stream, Answer answer) throws IOException {
        stream.writeHeaders(
                List.of(
                        new Header(Header.RESPONSE_STATUS_UTF8, String.valueOf(answer.status())),
                        new Header("content-type", answer.type()),
                        new Header(
                                answer.header().getFirst().toLowerCase(Locale.ROOT),
                                answer.header().getLast()),
                        new Header(
                                "content-length", String.valueOf(answer.body().size()))),
                false,
                true);
        stream.getSink().write(new Buffer().write(answer.body()), answer.body().size());
        stream.getSink().close();
    }

    /**
     * @param request with the path and a blank before it
     * @param unless not empty: where the token is to be had first
     */
    private Answer answer(String request, String unless) {
        boolean isToken = request.contains(" /token");
        boolean isManifest = request.contains("/image/manifests/");
        boolean isRefused = !unless.isEmpty() && !isToken;
        boolean isThere = isToken || isManifest || request.contains("/image/blobs/");
        if (isRefused || !isThere) {
            byte[] error =
                    utf8("{\"errors\":[{\"code\":\"" + (isRefused ? "UNAUTHORIZED" : "MANIFEST_UNKNOWN") + "\"}]}");
            List<String> header = isRefused
                    ? List.of("WWW-Authenticate", "Bearer realm=\"" + unless + "/token\",service=\"training\"")
                    : API_VERSION;
            return new Answer(isRefused ? 401 : 404, "application/json", header, ByteString.of(error));
        }
        byte[] blob = request.contains(Digest.sha256(layer).hex()) ? layer : config;
        byte[] body = isToken ? utf8("{\"token\":\"training\",\"expires_in\":300}") : isManifest ? manifest : blob;
        return new Answer(200, isManifest ? MANIFEST_TYPE : "application/json", API_VERSION, ByteString.of(body));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
