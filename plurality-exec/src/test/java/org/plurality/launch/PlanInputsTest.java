// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.cache.Cache;
import org.plurality.cache.Entry;
import org.plurality.cache.SampleEntry;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;
import org.plurality.reference.Platform;

class PlanInputsTest {
    private static final Digest DIGEST = SampleEntry.digest("image");

    @TempDir
    private Path directory;

    private Cache cache;
    private Entry entry;
    private Path bundle;
    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void stageAnImage() throws Exception {
        cache = Cache.openOrCreate(directory.resolve("cache"));
        entry = SampleEntry.publish(cache, DIGEST, "{\"config\":{\"Cmd\":[\"sh\"]}}");
        for (String place : List.of("proc", "sys", "dev", "tmp", "etc", "home", ".plurality/usr", ".plurality/lib")) {
            Files.createDirectories(entry.rootfs().resolve(place));
        }
        Files.createDirectories(entry.rootfs().resolve(".plurality/lib64"));
        cache.record(ImageReference.parse("sample"), Platform.current(), DIGEST, Instant.now());
        bundle = directory.resolve("bundle");
        environment.put("PLURALITY_CACHE", cache.layout().root().toString());
        environment.put("PLURALITY_RUNTIME", "/bin/true");
        environment.put("HOME", "/nonexistent");
        environment.put("XDG_CONFIG_HOME", directory.toString());
    }

    @Test
    void whatSaysWhichImageItIsIsCopiedAndTheEntryComesLastBehindTheLease() throws Exception {
        List<String> facts = facts("sample");
        Path reference = cache.layout().reference(ImageReference.parse("sample"), Platform.current());
        Path document = cache.layout().entryDocument(entry.directory());
        assertThat(facts)
                .containsSubsequence(
                        "same 0 " + cache.layout().marker(), "same 1 " + reference, "same 2 " + document, "end .")
                .contains("leases " + cache.layout().leases(DIGEST), "digest " + DIGEST);
        assertThat(bundle.resolve("facts.d/1")).hasSameBinaryContentAs(reference);
        assertThat(bundle.resolve("facts.d/2")).hasSameBinaryContentAs(document);
    }

    @Test
    void cachesThatAreSearchedBeforeMustGoOnNotToHaveIt() throws Exception {
        Cache other = Cache.openOrCreate(directory.resolve("other"));
        environment.put("PLURALITY_CACHE", other.layout().root().toString());
        environment.put(
                "PLURALITY_SITE_CACHES",
                directory.resolve("none") + "," + cache.layout().root());
        assertThat(facts("sample"))
                .contains("missing " + directory.resolve("none/plurality-cache.json"))
                .anyMatch(line -> line.startsWith("missing " + directory.resolve("other/refs")));
    }

    @Test
    void bindsPlacesAndMountPointsInThemAreNamed() throws Exception {
        Path outer = Files.createDirectories(directory.resolve("outer"));
        Files.createDirectory(outer.resolve("inner"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), outer);
        List<String> facts = facts(
                "-B",
                outer + ":/data",
                "-B",
                "/etc:/data/inner",
                "-B",
                link + ":/linked",
                "--workdir",
                "/data",
                "sample");
        assertThat(facts)
                .contains("directory " + outer, "directory " + outer.resolve("inner"), "directory /etc")
                .containsSubsequence("link " + link, "real " + outer)
                .contains("executable /bin/true", "absent /nonexistent");
    }

    @Test
    void plansThatLookAtMoreOfTheHostAreForOnce() throws Exception {
        Path variables = Files.writeString(directory.resolve("variables"), "A=B\n");
        for (List<String> line : List.of(
                List.of("--contain", "sample"),
                List.of("--env-file", variables.toString(), "sample"),
                List.of(DIGEST.hex().substring(0, 8)),
                List.of("dir:" + entry.rootfs(), "true"))) {
            assertThat(plan(line.toArray(new String[0]))).as("%s", line).isZero();
            assertThat(bundle.resolve("config.json")).exists();
            assertThat(bundle.resolve("facts")).as("%s", line).doesNotExist();
        }
    }

    private List<String> facts(String... arguments) throws IOException {
        assertThat(plan(arguments)).isZero();
        return Files.readAllLines(bundle.resolve("facts"));
    }

    private int plan(String... arguments) throws IOException {
        bundle = Files.createTempDirectory(directory, "bundle");
        List<String> all = new ArrayList<>(
                List.of(bundle.toString(), Long.toString(ProcessHandle.current().pid())));
        all.addAll(List.of(arguments));
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Planner.run(
                all,
                environment,
                new PrintStream(new ByteArrayOutputStream(), true, UTF_8),
                new PrintStream(err, true, UTF_8));
        assertThat(err.toString(UTF_8)).isEmpty();
        return status;
    }
}
