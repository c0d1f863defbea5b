// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.cache.Cache;
import org.plurality.fake.FakeFaults;
import org.plurality.fake.FakeImage;
import org.plurality.fake.FakeRegistry;

/** Real processes: many at once, killed, and asked to end. */
@Tag("slow")
class StageInProcessTest {
    @TempDir
    Path root;

    private final FakeRegistry registry;
    private final FakeImage image;

    StageInProcessTest() throws IOException {
        image = new FakeImage(List.of(FakeImage.tar("a", new byte[1 << 20]), FakeImage.tar("b", new byte[1 << 20])));
        registry = new FakeRegistry().add("1", image);
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void sixteenProcessesAtOnceMakeOneEntry() throws Exception {
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            processes.add(pull());
        }
        for (Process process : processes) {
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        }
        assertThat(cache().entries()).hasSize(1);
        assertThat(children("tmp")).isEmpty();
        assertThat(children("locks")).isEmpty();
    }

    @Test
    void killedPullLeavesNothingUnderAFinalNameAndTheNextSucceeds() throws Exception {
        Process killed = stalledPull();
        killed.destroyForcibly().waitFor();
        assertThat(cache().entries()).isEmpty();
        assertThat(children("tmp")).isNotEmpty();
        Process next = pull();
        assertThat(next.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(next.exitValue()).isZero();
        assertThat(children("tmp")).isEmpty();
    }

    @Test
    void terminatedPullCleansUpWithinASecond() throws Exception {
        Process process = stalledPull();
        long began = System.nanoTime();
        process.destroy();
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(143);
        assertThat(System.nanoTime() - began).isLessThan(TimeUnit.SECONDS.toNanos(1));
        assertThat(children("tmp")).isEmpty();
        assertThat(children("locks")).isEmpty();
    }

    @Test
    void interruptedPullCleansUpAndSaysNothing() throws Exception {
        Process process = stalledPull();
        assertThat(new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(130);
        assertThat(children("tmp")).isEmpty();
        assertThat(children("locks")).isEmpty();
        assertThat(Files.readString(root.resolve("output"))).isEmpty();
    }

    @Test
    void umaskOfWhoeverStagesInDoesNotMatter() throws Exception {
        for (String umask : List.of("077", "002", "000")) {
            Path cache = root.resolve("cache-" + umask);
            Files.createDirectory(cache);
            Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwxr-xr-x"));
            ProcessBuilder builder = builder();
            builder.environment().put("PLURALITY_CACHE", cache.toString());
            builder.command().addAll(0, List.of("/bin/sh", "-c", "umask " + umask + "; exec \"$@\"", "sh"));
            Process process = builder.start();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
            try (Stream<Path> made = Files.walk(cache)) {
                for (Path path : (Iterable<Path>) made::iterator) {
                    String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
                    assertThat(mode).as(umask + " " + path).startsWith("rw").matches(".{3}r-[x-]r-[x-]|rwxrwxrwx");
                    // Only what the image itself opens to all: /tmp.
                    assertThat(mode.equals("rwxrwxrwx")).isEqualTo(path.endsWith("rootfs/tmp"));
                }
            }
        }
    }

    /** A pull that waits for its second layer, once. */
    private Process stalledPull() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        registry.misbehave(FakeFaults.times("/blobs/" + image.layerDigest(1), 1, (exchange, _) -> {
            exchange.sendResponseHeaders(200, image.layer(1).length);
            exchange.getResponseBody().write(image.layer(1), 0, 1000);
            exchange.getResponseBody().flush();
            asked.countDown();
            try {
                Thread.sleep(20_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return true;
        }));
        Process process = pull();
        assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
        return process;
    }

    private Process pull() throws IOException {
        return builder().start();
    }

    private ProcessBuilder builder() {
        ProcessBuilder builder = new ProcessBuilder(
                // Where the tests run in the background of a shell, SIGINT is ignored.
                "env",
                "--default-signal=INT",
                System.getProperty("java.home") + "/bin/java",
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                StageIn.class.getName(),
                "pull",
                "--quiet",
                "--platform",
                "linux/amd64",
                "--insecure-registry",
                registry.host(),
                registry.host() + "/a/b:1");
        builder.environment().put("PLURALITY_CACHE", root.resolve("cache").toString());
        builder.environment().put("HOME", root.toString());
        return builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(new File(root.toFile(), "output")));
    }

    private Cache cache() throws Exception {
        return Cache.openOrCreate(root.resolve("cache"));
    }

    private List<Path> children(String directory) throws IOException {
        try (Stream<Path> files = Files.list(root.resolve("cache").resolve(directory))) {
            return files.toList();
        }
    }
}
