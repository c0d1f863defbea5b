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
import org.plurality.lease.Lease;
import org.plurality.lease.Leases;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;
import org.plurality.reference.Platform;

class PlannerTest {
    private static final Digest DIGEST = SampleEntry.digest("image");

    @TempDir
    private Path directory;

    private Cache cache;
    private Path bundle;
    private final Map<String, String> environment = new HashMap<>();
    private String errors = "";
    private String output = "";

    @BeforeEach
    void stageAnImage() throws Exception {
        cache = Cache.openOrCreate(directory.resolve("cache"));
        Entry entry = SampleEntry.publish(
                cache,
                DIGEST,
                "{\"config\":{\"Env\":[\"PATH=/image\",\"LD_PRELOAD=/x\"],\"Cmd\":[\"sh\"],\"WorkingDir\":\"/etc\"}}");
        for (String place : List.of("proc", "sys", "dev", "tmp", "etc", "home", ".plurality/usr", ".plurality/lib")) {
            Files.createDirectories(entry.rootfs().resolve(place));
        }
        Files.createDirectories(entry.rootfs().resolve(".plurality/lib64"));
        Files.writeString(entry.rootfs().resolve("etc/passwd"), "root:x:0:0::/root:/bin/sh\n");
        cache.record(ImageReference.parse("sample"), Platform.current(), DIGEST, Instant.now());
        bundle = Files.createDirectories(directory.resolve("bundle"));
        environment.put("PLURALITY_CACHE", cache.layout().root().toString());
        environment.put("PLURALITY_RUNTIME", "/bin/true");
        environment.put("HOME", "/nonexistent");
        environment.put("XDG_CONFIG_HOME", directory.toString());
    }

    @Test
    void aPinnedImageIsTheOneThatWasSeenAtSubmitThoughItsTagWasMoved() throws Exception {
        Digest moved = SampleEntry.digest("moved");
        SampleEntry.publish(cache, moved, "{\"config\":{\"Cmd\":[\"sh\"]}}");
        cache.record(ImageReference.parse("sample"), Platform.current(), moved, Instant.now());
        environment.put("PLURALITY_PINNED", "docker.io/library/sample:latest=" + DIGEST);
        environment.put("SLURM_JOB_ID", "7");
        assertThat(plan("sample")).isZero();
        assertThat(new Leases(cache.layout()).of(DIGEST)).hasSize(1);
        assertThat(new Leases(cache.layout()).of(moved)).isEmpty();
    }

    @Test
    void planLeavesCommandAndEnvironmentToTheRanks() throws Exception {
        assertThat(plan("sample", "--", "app")).as(errors).isZero();
        assertThat(output).isEqualTo("planned\n");
        String config = Files.readString(bundle.resolve("config.json"));
        assertThat(config).doesNotContain("app\"").doesNotContain("PATH=");
        assertThat(Files.readString(bundle.resolve("environment"))).isEqualTo("LD_PRELOAD=/x\0PATH=/image\0");
        assertThat(bundle.resolve("plan"))
                .content()
                .contains(
                        "workdir ",
                        "digest " + DIGEST,
                        "runtime /bin/true",
                        "leases " + cache.layout().leases(DIGEST) + "\n");
    }

    @Test
    void withoutACommandTheImagesOwnRuns() throws Exception {
        assertThat(plan("sample")).as(errors).isZero();
        assertThat(bundle.resolve("command")).content().isEqualTo("sh\0");
    }

    @Test
    void oneLeaseIsTakenForAJobWhateverItsSteps() throws Exception {
        environment.put("SLURM_JOB_ID", "17");
        plan("sample");
        environment.put("SLURM_STEP_ID", "1");
        plan("sample");
        assertThat(new Leases(cache.layout()).of(DIGEST))
                .extracting(Lease::id)
                .extracting(Object::toString)
                .containsExactly("slurm-17");
    }

    @Test
    void imageUnderAnotherNameIsNamed() throws Exception {
        cache.record(ImageReference.parse("host:5055/minbase:12"), Platform.current(), DIGEST, Instant.now());
        assertThat(plan("minbase:12", "--", "app")).isEqualTo(3);
        assertThat(errors)
                .contains(
                        "use the full name of what is staged, host:5055/minbase:12",
                        "plurality-stagein pull minbase:12");
    }

    @Test
    void fileInPlaceOfAnImageIsAnsweredWithTheTwoCommandsThatRunIt() throws Exception {
        Path file = Files.writeString(directory.resolve("My.sif"), "hsqs");
        for (String named : List.of(file.toString(), "sif:" + file, "squashfs:" + file)) {
            assertThat(plan(named, "--", "app")).isEqualTo(125);
            assertThat(errors).contains("pull --name my ", file + " && plurality-exec my COMMAND");
        }
        assertThat(plan("./absent.sif")).isEqualTo(125);
        assertThat(errors).contains("there is no such file");
        assertThat(plan("/bin/sh", "--", "-c", "true")).isEqualTo(125);
        assertThat(errors).contains("plurality-exec IMAGE /bin/sh");
    }

    @Test
    void commandOfAnotherToolIsAnsweredWithTheOneHere() throws Exception {
        assertThat(plan("pull", "--", "ubuntu")).isEqualTo(125);
        assertThat(errors).contains("hint: plurality pull ubuntu\n").doesNotContain("pull pull");
        assertThat(plan("run", "--", "debian:12", "ls")).isEqualTo(125);
        assertThat(errors).contains("leave 'run' out: plurality-exec debian:12 ls\n");
        assertThat(plan("shell", "--", "debian:12")).isEqualTo(125);
        assertThat(errors).contains("plurality-exec debian:12 sh\n");
    }

    @Test
    void programInPlaceOfAnImageAndAVariableAreKnown() throws Exception {
        assertThat(plan("sh")).isEqualTo(125);
        assertThat(errors).contains("plurality-exec IMAGE sh; or ", "plurality-stagein pull sh");
        assertThat(plan("-e", "A=1", "--", "sample")).isEqualTo(125);
        assertThat(errors)
                .contains("cannot run 'A=1'", "--env A=1: -e is --cleanenv here")
                .doesNotContain("library");
    }

    @Test
    void pullOfWhatIsMissingIsNotHinderedByAdvice() throws Exception {
        environment.put("PLURALITY_PULL", "missing");
        for (String image : List.of("sh", "run", "other:1")) {
            assertThat(plan(image)).isEqualTo(3);
        }
    }

    @Test
    void imageThatIsNotStagedNamesThePullAndLeavesNoLease() throws Exception {
        assertThat(plan("other:1")).isEqualTo(3);
        assertThat(errors).contains("cannot run other:1", "hint: plurality-stagein pull other:1\n");
        Path elsewhere = directory.resolve("elsewhere");
        assertThat(plan("--cache", elsewhere.toString(), "other:1")).isEqualTo(3);
        assertThat(errors).contains("hint: plurality-stagein pull other:1 --cache " + elsewhere + "\n");
        String absent = "sha256:" + "0".repeat(64);
        assertThat(plan(absent)).isEqualTo(3);
        assertThat(new Leases(cache.layout()).of(Digest.parse(absent))).isEmpty();
    }

    @Test
    void beginningOfADigestIsAnImagesNameToo() throws Exception {
        assertThat(plan(DIGEST.hex().substring(0, 6))).as(errors).isZero();
        assertThat(plan("sha256:" + DIGEST.hex().substring(0, 12))).as(errors).isZero();
        assertThat(plan("sha256:" + DIGEST.hex().substring(0, 3))).isEqualTo(125);
        Digest twin = Digest.parse("sha256:" + DIGEST.hex().substring(0, 60) + "0000");
        SampleEntry.publish(cache, twin, "{}");
        assertThat(plan(DIGEST.hex().substring(0, 6))).isEqualTo(125);
        assertThat(errors).contains("more than one digest begins so");
    }

    @Test
    void dryRunPrintsThePlanAndTakesNoLease() throws Exception {
        environment.put("LD_PRELOAD", "/host.so");
        assertThat(plan("--dry-run", "--env", "A=b c", "sample", "app", "x y"))
                .as(errors)
                .isZero();
        assertThat(output)
                .contains("sample", DIGEST.toString(), "app 'x y'", "runc", "create --bundle", "-  LD_PRELOAD")
                .containsPattern("/proc +/proc +r?bind(,rnosuid)? +the host's")
                .containsPattern("\\+ +A=b c");
        assertThat(new Leases(cache.layout()).of(DIGEST)).isEmpty();
        assertThat(plan("--dry-run", "--json", "sample", "app")).as(errors).isZero();
        assertThat(output).startsWith("{\n").contains("\"ociVersion\"");
        assertThat(bundle.resolve("plan")).doesNotExist();
    }

    @Test
    void dryRunPrintsWhatTheLauncherDoes() throws Exception {
        assertThat(plan("--dry-run", "--pid", "--entrypoint=/bin/first", "sample", "app", "x"))
                .as(errors)
                .isZero();
        assertThat(output)
                .containsPattern("\\ncommand +/bin/first app x\\n")
                .containsPattern("once +/bin/true --root DIR/runc --log DIR/runc.log create --bundle DIR")
                .containsPattern(
                        "hold +setns INIT user mount pid; unshare user mount pid; map uid [0-9]+ gid [0-9]+; fork;"
                                + " mount /proc; chdir /.*; pause")
                .containsPattern(
                        "each rank +setns PAUSE user mount pid; fchdir; fork; prctl no_new_privs; execve /bin/first app x");
    }

    @Test
    void containedLaunchSeesFewDevicesAndNoHome() throws Exception {
        assertThat(plan("--contain", "sample", "true")).as(errors).isZero();
        assertThat(bundle.resolve("contained/dev/null")).isRegularFile();
        assertThat(bundle.resolve("config.json"))
                .content()
                .contains(bundle.resolve("contained/tmp").toString(), "\"/dev/null\"")
                .doesNotContain("\"source\": \"/tmp\"");
    }

    @Test
    void entrypointStandsInFrontOfTheRanksCommand() throws Exception {
        assertThat(plan("--entrypoint=/bin/run", "sample", "app")).as(errors).isZero();
        assertThat(bundle.resolve("entrypoint")).content().isEqualTo("/bin/run\0");
        assertThat(bundle.resolve("plan")).content().contains("\nentrypoint yes\n");
    }

    @Test
    void siteCachesAreSearchedAfterTheUsers() throws Exception {
        environment.put("PLURALITY_CACHE", directory.resolve("none").toString());
        environment.put("PLURALITY_SITE_CACHES", cache.layout().root().toString());
        assertThat(plan("sample")).as(errors).isZero();
    }

    @Test
    void badUseEndsWith125AndAHint() throws Exception {
        for (String[] line : new String[][] {
            {"UPPER"},
            {"--bind", "relative:x", "sample"},
            {"--bind", "/no/such/place", "sample"},
            {"--env", "novalue", "sample"},
            {"--env-file", "/no/such", "sample"},
            {"--mount", "type=volume,destination=/x", "sample"},
            {"--home", "/no/such", "sample"},
            {"--workdir", "/no/such", "sample"},
            {"--platform", "linux", "sample"},
            {"--runtime", "no-such-runtime", "sample"}
        }) {
            assertThat(plan(line)).as(String.join(" ", line)).isEqualTo(125);
            assertThat(errors).startsWith("plurality-exec: cannot ").contains("\nhint: ");
        }
    }

    private int plan(String... arguments) throws IOException {
        bundle = Files.createTempDirectory(directory, "bundle-");
        List<String> line = new ArrayList<>(
                List.of(bundle.toString(), Long.toString(ProcessHandle.current().pid())));
        line.addAll(List.of(arguments));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        int status = Planner.run(
                line, environment, new PrintStream(printed, true, UTF_8), new PrintStream(bytes, true, UTF_8));
        errors = bytes.toString(UTF_8);
        output = printed.toString(UTF_8);
        return status;
    }
}
