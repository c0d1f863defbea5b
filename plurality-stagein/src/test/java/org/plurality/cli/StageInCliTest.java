// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.app.Session;
import org.plurality.cache.CacheLayout;
import org.plurality.fake.FakeImage;
import org.plurality.fake.FakeRegistry;
import org.plurality.lease.Holder;
import org.plurality.lease.Lease;
import org.plurality.lease.LeaseId;
import org.plurality.lease.Leases;
import org.plurality.process.ProcessIdentity;
import org.plurality.pull.ShutdownHandler;

class StageInCliTest {
    @TempDir
    Path root;

    private final FakeRegistry registry;
    private final FakeImage image;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    StageInCliTest() throws IOException {
        image = new FakeImage(List.of(FakeImage.tar("hello", FakeImage.utf8("world"))));
        registry = new FakeRegistry().add("1", image);
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void pullPrintsDigestAndPathAndNothingElse() throws Exception {
        assertThat(run("pull", name())).isZero();
        Path rootfs =
                new CacheLayout(root.resolve("cache")).image(image.digest()).resolve("rootfs");
        assertThat(out()).isEqualTo(image.digest() + " " + rootfs + "\n");
        assertThat(Files.readString(rootfs.resolve("hello"))).isEqualTo("world");
        assertThat(err()).contains("1 layer").doesNotContain("hint");
    }

    @Test
    void everyCommandIsFoundByItsNameAndNoOther() {
        List<String> names = List.copyOf(
                new StageInCli(session()).commands().getSubcommands().keySet());
        assertThat(names).hasSize(23).doesNotHaveDuplicates();
        for (String name : names) {
            assertThat(run(name, "--help")).isZero();
            assertThat(out()).contains("Usage: plurality-stagein ");
        }
        assertThat(run("lists")).isEqualTo(2);
        assertThat(err()).contains("cannot understand 'lists'", "did you mean list?");
    }

    @Test
    void namesOfOtherToolsAreTheSameOrExplained() throws Exception {
        assertThat(run("pull", "--quiet", name())).isZero();
        assertThat(run("images")).isZero();
        String list = out();
        assertThat(run("ls")).isZero();
        assertThat(out()).isEqualTo(list).contains("a/b");
        assertThat(run("help", "pull")).isZero();
        assertThat(out()).contains("--require-signature");
        assertThat(run("help")).isZero();
        assertThat(out()).contains("prewarm");
        assertThat(run("version")).isZero();
        assertThat(run("ps")).isEqualTo(2);
        assertThat(err()).contains("hint: plurality-stagein starts no containers");
        assertThat(run("pull", "--patform", "linux/amd64", name())).isEqualTo(2);
        assertThat(err()).contains("did you mean --platform?");
        assertThat(run("pull", "--tls-verify=false", name())).isEqualTo(2);
        assertThat(err()).contains("write --insecure-registry");
        assertThat(run("rmi", name())).isZero();
    }

    @Test
    void oneOfSeveralTagsIsRemovedAlone() throws Exception {
        assertThat(run("pull", "--quiet", name())).isZero();
        assertThat(run("pull", "--quiet", "--name", "second:1", name())).isZero();
        assertThat(run("rm", "second:1")).isZero();
        assertThat(out()).isEmpty();
        assertThat(err()).contains("removed the name second:1 only", name(), "rm " + image.digest());
        assertThat(run("path", "second:1")).isEqualTo(3);
        assertThat(run("path", name())).isZero();
        assertThat(run("pull", "--quiet", "--name", "second:1", name())).isZero();
        assertThat(run("rm", image.digest().toString())).isZero();
        assertThat(out()).isEqualTo(image.digest() + "\n");
        assertThat(run("path", name())).isEqualTo(3);
    }

    @Test
    void filesAreTakenByTheirPathAndAskedAboutByTheirName() throws Exception {
        Path file = Files.writeString(root.resolve("my.tar"), "no image");
        assertThat(run("pull", file.toString())).isEqualTo(2);
        assertThat(err()).contains("it is no image that is known by its content");
        assertThat(run("pull", "./absent.sif")).isEqualTo(2);
        assertThat(err()).contains("there is no such file");
    }

    @Test
    void insecureRegistryWithASchemeIsRefused() throws Exception {
        assertThat(run("pull", "--insecure-registry", "http://a.example:5000/v2", name()))
                .isEqualTo(2);
        assertThat(err()).contains("it is not HOST[:PORT]", "write a.example:5000 in");
    }

    @Test
    void imageIsKeptAsSquashfsWhereThatIsAskedFor() throws Exception {
        assertThat(run("pull", "--json", "--format", "squashfs", name())).isZero();
        Path file = new CacheLayout(root.resolve("cache")).image(image.digest()).resolve("rootfs.squashfs");
        assertThat(out()).contains("\"kind\":\"squashfs\"", "\"inodes\":1,", "\"bytes\":" + Files.size(file));
        assertThat(run("path", name())).isZero();
        assertThat(out()).isEqualTo(file + "\n");
        assertThat(run("pull", name())).isZero();
        assertThat(run("pull", "--format", "dir", name())).isEqualTo(7);
        assertThat(err()).contains("staged already, as squashfs", "plurality-stagein rm " + image.digest());
    }

    @Test
    void nameIsResolvedWithoutStagingInAndHeldAhead() throws Exception {
        CacheLayout layout = new CacheLayout(root.resolve("cache"));
        assertThat(run("resolve", "--lease", "slurm-17", name())).isZero();
        assertThat(out()).isEqualTo(image.digest() + "\n");
        assertThat(layout.image(image.digest())).doesNotExist();
        assertThat(layout.leases(image.digest()).resolve("slurm-17.json")).exists();
        assertThat(run("pull", name())).isZero();
        assertThat(layout.leases(image.digest()).resolve("slurm-17.json")).exists();
        FakeImage moved = new FakeImage(List.of(FakeImage.tar("hello", FakeImage.utf8("moved"))));
        registry.add("1", moved);
        assertThat(run("resolve", name(), name() + "@" + image.digest())).isZero();
        assertThat(out()).endsWith(moved.digest() + "\n" + image.digest() + "\n");
        assertThat(run("lease", "release", "slurm-17")).isZero();
        assertThat(layout.leases(image.digest()).resolve("slurm-17.json")).doesNotExist();
    }

    @Test
    void whatIsInNoRegistryIsNotResolved() {
        assertThat(run("resolve", "oci:/nowhere")).isEqualTo(2);
        assertThat(err()).contains("cannot resolve oci:/nowhere", "hint: plurality-stagein pull");
    }

    @Test
    void formatThatThereIsNotIsAUsageError() {
        assertThat(run("pull", "--format", "sif", name())).isEqualTo(2);
        assertThat(err()).contains("cannot use the format 'sif'", "hint: use dir, squashfs or auto");
    }

    @Test
    void logGetsOneLineForEachPhase() {
        run("pull", name());
        assertThat(err().lines())
                .containsExactly(
                        "staging in " + name() + " for linux/amd64",
                        "fetching and unpacking 1 layer, 2.0 kB",
                        "writing to disk");
        run("pull", name());
        assertThat(err()).isEmpty();
        assertThat(out()).hasLineCount(1);
    }

    @Test
    void jsonSaysWhetherItWasThere() {
        run("pull", "--quiet", "--json", name());
        assertThat(out()).contains("\"alreadyPresent\":false", "\"reference\":\"" + name() + "\"");
        assertThat(err()).isEmpty();
        run("pull", "--json", name());
        assertThat(out()).contains("\"alreadyPresent\":true").hasLineCount(1);
    }

    @Test
    void stagedImageIsFoundByNameDigestAndPrefix() {
        run("pull", name());
        for (String text : List.of(
                name(), image.digest().toString(), image.digest().hex().substring(0, 6), "docker://" + name())) {
            assertThat(run("path", text)).as(text).isZero();
            assertThat(out()).hasLineCount(1).startsWith(root.toString()).endsWith("/rootfs\n");
        }
        run("list");
        assertThat(out().lines())
                .hasSize(2)
                .last()
                .asString()
                .startsWith(name())
                .contains("linux/amd64", "dir");
        run("inspect", name());
        assertThat(out()).contains("\"diffId\":", "\"names\":");
    }

    @Test
    void imageThatIsNotStagedInIsNotFound() {
        assertThat(run("path", "alpine")).isEqualTo(3);
        assertThat(out()).isEmpty();
        assertThat(err()).startsWith("plurality-stagein: cannot find alpine").contains("\nhint: ", "pull alpine");
    }

    @Test
    void leasedImageIsRemovedOnlyByForce() throws Exception {
        run("pull", name());
        new Leases(new CacheLayout(root.resolve("cache")))
                .take(new Lease(
                        new LeaseId("slurm-42"), image.digest(), new Holder.SlurmJob("42"), "ada", Instant.EPOCH));
        assertThat(run("rm", name())).isEqualTo(8);
        assertThat(err()).contains("Slurm job 42 of ada", "--force");
        assertThat(run("rm", "--force", name())).isZero();
        assertThat(run("path", name())).isEqualTo(3);
    }

    @Test
    void leaseOfAProcessHoldsAnImageUntilTheProcessEnds() throws Exception {
        run("pull", name());
        Process job = new ProcessBuilder("/bin/sleep", "60").start();
        lease("rank", new Holder.LocalProcess(ProcessIdentity.of(job.pid())));
        assertThat(run("rm", name())).isEqualTo(8);
        assertThat(err()).contains("process " + job.pid() + " on ", " of ada");
        assertThat(run("path", name())).isZero();
        job.destroyForcibly().waitFor();
        assertThat(run("rm", name())).isZero();
        assertThat(out()).isEqualTo(image.digest() + "\n");
    }

    @Test
    void leaseThatNobodyCanReadHoldsAnImageAndIsNamed() throws Exception {
        run("pull", name());
        lease("good", new Holder.SlurmJob("42"));
        Path odd = new CacheLayout(root.resolve("cache")).leases(image.digest()).resolve("odd.json");
        Files.writeString(odd, "");
        assertThat(run("rm", name())).isEqualTo(8);
        assertThat(err()).contains("odd.json", "--force");
        assertThat(run("path", name())).isZero();
        assertThat(run("rm", "--force", name())).isZero();
        assertThat(run("path", name())).isEqualTo(3);
    }

    @Test
    void damagedImageHidesNoOtherAndCanBeRemoved() throws Exception {
        FakeImage other = new FakeImage(List.of(FakeImage.tar("other", new byte[9])));
        registry.add("2", other);
        run("pull", name(), registry.host() + "/a/b:2");
        CacheLayout layout = new CacheLayout(root.resolve("cache"));
        Files.writeString(layout.entryDocument(layout.image(image.digest())), "{\"format\":1");
        assertThat(run("list")).isEqualTo(7);
        assertThat(out()).contains(registry.host() + "/a/b:2");
        assertThat(err()).contains("hint: remove the image with 'plurality-stagein rm " + image.digest() + "'");
        assertThat(run("rm", image.digest().toString())).isZero();
        assertThat(run("list")).isZero();
        assertThat(run("pull", name())).isZero();
    }

    private void lease(String id, Holder holder) throws Exception {
        new Leases(new CacheLayout(root.resolve("cache")))
                .take(new Lease(new LeaseId(id), image.digest(), holder, "ada", Instant.EPOCH));
    }

    @Test
    void misuseIsOneLineAndAHint() {
        for (List<String> arguments :
                List.of(List.<String>of(), List.of("frobnicate"), List.of("pull"), List.of("pull", "--frob", "x"))) {
            assertThat(run(arguments.toArray(String[]::new))).isEqualTo(2);
            assertThat(err()).startsWith("plurality-stagein: cannot ").hasLineCount(2);
        }
    }

    @Test
    void oneBadImageDoesNotKeepTheOthersAway() {
        assertThat(run("pull", registry.host() + "/a/b:nope", name())).isEqualTo(3);
        assertThat(out()).startsWith(image.digest().toString());
    }

    @Test
    void unwritableCacheIsAStorageError() throws Exception {
        Files.writeString(root.resolve("cache"), "a file");
        assertThat(run("pull", name())).isEqualTo(7);
        assertThat(err()).contains("--cache");
    }

    private String name() {
        return registry.host() + "/a/b:1";
    }

    private int run(String... arguments) {
        out.reset();
        err.reset();
        return new StageInCli(session()).run(arguments);
    }

    private Session session() {
        return new Session(
                Map.of(
                        "HOME",
                        root.toString(),
                        "PLURALITY_CACHE",
                        root.resolve("cache").toString(),
                        "PLURALITY_PLATFORM",
                        "linux/amd64",
                        "PLURALITY_INSECURE_REGISTRIES",
                        registry.host()),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false,
                new ShutdownHandler());
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
