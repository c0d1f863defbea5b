// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.plurality.fake.FakeImage.utf8;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.plurality.cache.Cache;
import org.plurality.cache.Scratch;
import org.plurality.display.Progress;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.fake.FakeArchive;
import org.plurality.fake.FakeImage;
import org.plurality.image.ImageReader;
import org.plurality.image.Manifest;
import org.plurality.local.archive.Archives;
import org.plurality.reference.ImageReference;

class DaemonImageTest {
    @TempDir
    Path root;

    private final FakeImage image = new FakeImage(3, 2, 3000);
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private ServerSocketChannel server;
    private Scratch scratch;

    /** What the daemon answers to a path, in whole; empty keeps it waiting. */
    private final java.util.concurrent.ConcurrentHashMap<String, byte[]> answers =
            new java.util.concurrent.ConcurrentHashMap<>();

    @BeforeEach
    void start() throws Exception {
        scratch = Cache.openOrCreate(root.resolve("cache")).scratch();
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        serve(UnixDomainSocketAddress.of(root.resolve("s")));
        answers.put("/images/app:1/json", sized(inspected("\"app:1\",\"other:2\"")));
        answers.put(
                "/images/app:1/get", chunked(FakeArchive.saved(image, "app:1").tarBytes(), true));
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        scratch.close();
    }

    @Test
    void imageIsExportedOnlyWhenItIsLookedAt() throws Exception {
        try (ImageReader reader = open("app:1")) {
            assertThat(reader.imageId()).contains(image.configDigest());
            assertThat(reader.names()).containsExactly(ImageReference.parse("app:1"));
            assertThat(asked).containsExactly("/images/app:1/json");
            Manifest.Image read = (Manifest.Image) reader.manifest();
            assertThat(read.digest()).isEqualTo(image.digest());
            assertThat(reader.config(read.config())).isEqualTo(image.config());
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            reader.layer(read.layers().get(1), (buffer, length) -> bytes.write(buffer, 0, length));
            assertThat(bytes.toByteArray()).isEqualTo(image.layer(1));
            assertThat(asked).containsExactly("/images/app:1/json", "/images/app:1/get");
        }
    }

    @Test
    void daemonIsSpokenToOverTcp() throws Exception {
        server.close();
        server = ServerSocketChannel.open();
        serve(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
        EngineAddress address = EngineAddress.of(Optional.empty(), Map.of("DOCKER_HOST", "tcp://127.0.0.1:" + port));
        try (ImageReader reader = open(address, "app:1")) {
            assertThat(reader.manifest().digest()).isEqualTo(image.digest());
        }
    }

    @Test
    void podmansNameForItIsKeptToo() throws Exception {
        answers.put("/images/app:1/json", sized(inspected("\"localhost/app:1\",\"localhost/b:1\"")));
        try (ImageReader reader = open("app:1")) {
            assertThat(reader.names())
                    .containsExactly(ImageReference.parse("app:1"), ImageReference.parse("localhost/app:1"));
        }
    }

    @Test
    void idHasTheNamesThatTheDaemonGivesIt() throws Exception {
        String id = image.configDigest().toString();
        for (String name : List.of(id, image.configDigest().abbreviated())) {
            answers.put("/images/" + name + "/json", sized(inspected("\"app:1\"")));
            try (ImageReader reader = open(name)) {
                assertThat(reader.names()).containsExactly(ImageReference.parse("app:1"));
            }
        }
    }

    @Test
    void oddNamesStayInTheirPlaceInTheRequest() {
        assertFails("a b\r\nX: y?/z", FailureKind.NOT_FOUND, "no such image");
        assertThat(asked).containsExactly("/images/a%20b%0D%0AX:%20y%3F/z/json");
    }

    @Test
    void nameThatWouldLeadElsewhereIsNotAskedFor() {
        for (String name : List.of("a/../../containers", "..", "a/./b")) {
            assertFails(name, FailureKind.NOT_FOUND, "no such image");
        }
        assertThat(asked).isEmpty();
    }

    @Test
    void imageThatIsNotThere() {
        assertFails("none", FailureKind.NOT_FOUND, "has no such image");
    }

    @Test
    void daemonThatIsNotThere() throws Exception {
        EngineAddress none = new EngineAddress("unix://" + root.resolve("none"));
        assertThatThrownBy(() -> open(none, "app:1")).isInstanceOfSatisfying(PluralityException.class, e -> {
            assertThat(e.kind()).isEqualTo(FailureKind.NETWORK);
            assertThat(e).hasMessageContaining("there is no daemon at unix://");
            assertThat(e.hint()).contains("DOCKER_HOST", "docker_host");
        });
        try (ServerSocketChannel ended = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            ended.bind(UnixDomainSocketAddress.of(root.resolve("left")));
        }
        assertThatThrownBy(() -> open(new EngineAddress("unix://" + root.resolve("left")), "app:1"))
                .hasMessageContaining("there is no daemon");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"HTTP/1.1 500 no\r\n\r\n", "SSH-2.0\r\n\r\n", "HTTP/1.1 200", "", "HTTP/1.1 200 OK\r\n\r\n{"})
    void oddAnswersAreTheDaemonsFault(String answer) {
        answers.put("/images/app:1/json", utf8(answer.isEmpty() ? "HTTP/1.1 200 OK\r\n" : answer));
        assertFails("app:1", FailureKind.NETWORK, "the daemon at");
    }

    @Test
    void headersAndDocumentsWithoutEndAreGivenUp() {
        answers.put("/images/app:1/json", utf8("HTTP/1.1 200 OK\r\n" + "x".repeat(100_000)));
        assertFails("app:1", FailureKind.NETWORK, "broke off");
        answers.put("/images/app:1/json", utf8("HTTP/1.1 200 OK\r\n\r\n" + " ".repeat(5 << 20)));
        assertFails("app:1", FailureKind.NETWORK, "longer than");
    }

    @Test
    void exportThatBreaksOffIsNoImage() throws Exception {
        byte[] tar = FakeArchive.saved(image, "app:1").tarBytes();
        answers.put("/images/app:1/get", chunked(tar, false));
        try (ImageReader reader = open("app:1")) {
            assertThatThrownBy(reader::manifest).isInstanceOfSatisfying(PluralityException.class, e -> {
                assertThat(e.kind()).isEqualTo(FailureKind.NETWORK);
                assertThat(e).hasMessageContaining("broke off");
            });
        }
    }

    @Test
    void waitingForAnExportEndsWhenItIsCancelled() throws Exception {
        answers.put("/images/app:1/get", new byte[0]);
        try (ImageReader reader = open("app:1")) {
            CountDownLatch ended = new CountDownLatch(1);
            Thread waiting = Thread.ofPlatform().start(() -> {
                assertThatThrownBy(reader::manifest)
                        .isInstanceOfSatisfying(PluralityException.class, e -> assertThat(e.kind())
                                .isEqualTo(FailureKind.INTERRUPTED));
                ended.countDown();
            });
            while (!asked.contains("/images/app:1/get")) {
                Thread.sleep(5);
            }
            reader.cancel();
            assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
            waiting.join();
        }
    }

    @Test
    void firstSocketThereIsServes() throws Exception {
        Path runtime = Files.createDirectories(root.resolve("run/podman"));
        Files.createFile(runtime.resolve("podman.sock"));
        String usual = EngineAddress.of(
                        Optional.empty(),
                        Map.of("XDG_RUNTIME_DIR", root.resolve("run").toString()))
                .text();
        assertThat(usual).isIn("unix:///var/run/docker.sock", "unix://" + runtime.resolve("podman.sock"));
        Files.createFile(root.resolve("run/docker.sock"));
        assertThat(EngineAddress.of(
                                Optional.empty(),
                                Map.of("XDG_RUNTIME_DIR", root.resolve("run").toString()))
                        .text())
                .isEqualTo("unix://" + root.resolve("run/docker.sock"));
        assertThat(EngineAddress.of(Optional.of("unix:///x"), Map.of("DOCKER_HOST", "unix:///y"))
                        .text())
                .isEqualTo("unix:///x");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ssh://me@host", "host:2375", "tcp://", "unix://", "npipe:////./pipe", "tcp://h:1/v1.24"})
    void otherAddressesAreRefusedWithWhatWorks(String address) {
        assertThatThrownBy(() -> EngineAddress.of(Optional.of(address), Map.of()))
                .isInstanceOfSatisfying(PluralityException.class, e -> {
                    assertThat(e.kind()).isEqualTo(FailureKind.USAGE);
                    assertThat(e.hint()).contains("docker save");
                });
        assertThatThrownBy(() -> EngineAddress.of(Optional.of("tcp://h:1"), Map.of("DOCKER_TLS_VERIFY", "1")))
                .hasMessageContaining("TLS");
    }

    private void assertFails(String name, FailureKind kind, String why) {
        assertThatThrownBy(() -> open(name)).isInstanceOfSatisfying(PluralityException.class, e -> {
            assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind);
            assertThat(e).hasMessageContaining(why);
        });
    }

    private ImageReader open(String name) throws PluralityException {
        return open(new EngineAddress("unix://" + root.resolve("s")), name);
    }

    private ImageReader open(EngineAddress address, String name) throws PluralityException {
        return DaemonImage.open(
                address, new Archives(scratch, 1 << 20, new Progress.Quiet()), name, "docker-daemon:" + name);
    }

    private byte[] inspected(String tags) {
        return utf8("{\"Id\":\"" + image.configDigest() + "\",\"RepoTags\":[" + tags + "]}");
    }

    private static byte[] sized(byte[] body) {
        return joined(utf8("HTTP/1.1 200 OK\r\nContent-Length: " + body.length + "\r\n\r\n"), body);
    }

    private static byte[] chunked(byte[] body, boolean whole) {
        int half = body.length / 2;
        byte[] first = java.util.Arrays.copyOf(body, half);
        byte[] second = java.util.Arrays.copyOfRange(body, half, body.length);
        byte[] begun = joined(
                utf8("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(half) + ";x=y\r\n"),
                first,
                utf8("\r\n"));
        return whole
                ? joined(begun, utf8(Integer.toHexString(second.length) + "\r\n"), second, utf8("\r\n0\r\n\r\n"))
                : begun;
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            whole.writeBytes(part);
        }
        return whole.toByteArray();
    }

    private void serve(SocketAddress address) throws IOException {
        server.bind(address);
        ServerSocketChannel listening = server;
        Thread.ofVirtual().start(() -> {
            while (listening.isOpen()) {
                try {
                    SocketChannel connection = listening.accept();
                    Thread.ofPlatform().daemon().start(() -> answer(connection));
                } catch (IOException e) {
                    return;
                }
            }
        });
    }

    private void answer(SocketChannel connection) {
        try {
            BufferedReader request = new BufferedReader(
                    new InputStreamReader(Channels.newInputStream(connection), StandardCharsets.US_ASCII));
            String path = request.readLine().split(" ", -1)[1];
            byte[] answer = answers.getOrDefault(path, utf8("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"));
            while (!request.readLine().isEmpty()) {
                // To the end of the headers.
            }
            asked.add(path);
            if (answer.length > 0) {
                ByteBuffer bytes = ByteBuffer.wrap(answer);
                while (bytes.hasRemaining()) {
                    connection.write(bytes);
                }
                connection.close();
            }
        } catch (IOException e) {
            // The client went away.
        }
    }
}
