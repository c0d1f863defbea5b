package org.plurality.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.failure.PluralityException;

class MountPlanTest {
    @TempDir
    private Path directory;

    private Path image;
    private Path scratch;
    private Path host;

    @BeforeEach
    void makeImage() throws IOException {
        image = Files.createDirectories(directory.resolve("image"));
        scratch = Files.createDirectories(directory.resolve("scratch"));
        host = Files.createDirectories(directory.resolve("host"));
        for (String path : List.of("etc", "home/other", "tmp", "usr/bin", "var")) {
            Files.createDirectories(image.resolve(path));
        }
        Files.createFile(image.resolve("etc/passwd"));
        Files.createSymbolicLink(image.resolve("bin"), Path.of("usr/bin"));
        Files.createSymbolicLink(image.resolve("var/run"), Path.of("/run"));
        Files.createFile(host.resolve("file"));
        Files.createDirectories(host.resolve("inner"));
    }

    @Test
    void bindToAPlaceThatTheImageHasIsMadeThere() throws Exception {
        MountPlan plan = plan(bind(host, "/tmp"));
        assertThat(plan.root()).isEqualTo(image);
        assertThat(destinations(plan)).containsExactly("/tmp");
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void placeBelowAnExistingDirectoryIsMadeInAnUnderlayThatGivesBackWhatWasThere() throws Exception {
        MountPlan plan = plan(bind(host, "/home/me/deep"));
        assertThat(plan.root()).isEqualTo(image);
        assertThat(destinations(plan)).containsExactly("/home", "/home/other", "/home/me/deep");
        MountPlan.Mount underlay = plan.mounts().get(0);
        assertThat(underlay.options()).contains("ro");
        assertThat(underlay.source().resolve("me/deep")).isDirectory();
        assertThat(underlay.source().resolve("other")).isEmptyDirectory();
        assertThat(plan.mounts().get(1).source()).isEqualTo(image.resolve("home/other"));
        assertThat(plan.mounts().get(1).options()).contains("ro");
    }

    @Test
    void newTopDirectoryMakesTheUnderlayTheRoot() throws Exception {
        MountPlan plan = plan(bind(host, "/scratch/project"), bind(host.resolve("file"), "/opt/new/file"));
        assertThat(plan.root()).startsWith(scratch);
        assertThat(destinations(plan))
                .containsExactly("/etc", "/home", "/tmp", "/usr", "/var", "/scratch/project", "/opt/new/file");
        assertThat(plan.root().resolve("opt/new/file")).isRegularFile();
        assertThat(Files.readSymbolicLink(plan.root().resolve("bin"))).hasToString("usr/bin");
    }

    @Test
    void linksOfTheImageAreFollowedInsideItOnly() throws Exception {
        Files.createSymbolicLink(image.resolve("out"), Path.of("../../../../" + host));
        MountPlan plan = plan(bind(host, "/bin/tool-dir"), bind(host, "/out/x"));
        assertThat(destinations(plan)).contains("/usr/bin/tool-dir", host + "/x");
    }

    /** A mounted image is looked at through /proc, which most hosts mount noexec; its programs run all the same. */
    @Test
    void flagsAreThoseOfTheMountThatTheRuntimeFinds() throws Exception {
        HostMounts mounts = HostMounts.parse("""
                1 0 8:1 / / rw - ext4 d rw
                2 1 8:1 / %s rw,nosuid,nodev,noexec - proc proc rw
                3 1 8:1 / /run/image rw,nosuid,nodev - fuse.squashfuse_ll squashfuse_ll rw
                """.formatted(image.getParent()));
        RootfsView seen = new RootfsView(image, Path.of("/run/image"));
        MountPlan plan = MountPlan.of(seen, false, List.of(bind(host, "/scratch/project")), scratch, mounts);
        MountPlan.Mount programs = plan.mounts().stream()
                .filter(mount -> mount.destination().equals(Path.of("/usr")))
                .findFirst()
                .orElseThrow();
        assertThat(programs.source()).isEqualTo(Path.of("/run/image/usr"));
        assertThat(programs.options()).contains("nosuid").doesNotContain("noexec");
    }

    @Test
    void theImageIsNeverWrittenTo() throws Exception {
        String before = listing(image);
        plan(
                bind(host, "/a/b"),
                bind(host, "/home/me"),
                bind(host.resolve("file"), "/etc/passwd"),
                bind(host, "/var/run/x"));
        assertThat(listing(image)).isEqualTo(before);
    }

    @Test
    void bindBelowAnotherBindNeedsItsPlaceOnTheHost() throws Exception {
        assertThat(destinations(plan(bind(host, "/tmp"), bind(directory, "/tmp/inner"))))
                .containsExactly("/tmp", "/tmp/inner");
        assertThatThrownBy(() -> plan(bind(host, "/tmp"), bind(directory, "/tmp/absent")))
                .isInstanceOf(PluralityException.class)
                .hasMessageContaining("has no such directory");
        assertThat(host.resolve("absent")).doesNotExist();
    }

    @Test
    void laterBindToOneDestinationWins() throws Exception {
        MountPlan plan = plan(bind(host, "/tmp"), bind(directory, "/tmp"));
        assertThat(plan.mounts()).singleElement().satisfies(mount -> assertThat(mount.source())
                .isEqualTo(directory));
    }

    @Test
    void fileAndDirectoryAreNotMistakenForEachOther() {
        assertThatThrownBy(() -> plan(bind(host, "/etc/passwd"))).isInstanceOf(PluralityException.class);
        assertThatThrownBy(() -> plan(bind(host.resolve("file"), "/tmp"))).isInstanceOf(PluralityException.class);
        assertThatThrownBy(() -> plan(bind(host, "/etc/passwd/x"))).isInstanceOf(PluralityException.class);
        assertThatThrownBy(() -> plan(bind(host, "/"))).isInstanceOf(PluralityException.class);
    }

    @Test
    void readOnlyBindKeepsTheFlagsThatTheKernelLocks() {
        HostMounts mounts = HostMounts.parse("""
                22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda rw
                30 22 0:40 / /data\\040dir rw,nosuid,nodev - nfs server:/x rw
                31 30 0:41 / /data\\040dir/inner rw,noexec - tmpfs tmpfs rw
                """);
        assertThat(mounts.lockedFlags(Path.of("/data dir/file"))).containsExactly("nosuid", "nodev");
        assertThat(mounts.lockedFlags(Path.of("/data dir/inner"))).containsExactly("noexec");
        assertThat(mounts.lockedFlags(Path.of("/data dirx"))).isEmpty();
        assertThat(mounts.hasMountBelow(Path.of("/data dir"))).isTrue();
        assertThat(mounts.hasMountBelow(Path.of("/data dir/inner"))).isFalse();
    }

    @Test
    void tmpfsNeedsNoSourceAndTakesMountPointsOfItsOwn() throws Exception {
        MountPlan plan = plan(
                new Tmpfs(Path.of("/fast"), 1024, "1777", false, "test"),
                bind(host, "/fast/in/side"),
                bind(host, "/tmp"));
        assertThat(destinations(plan)).contains("/fast", "/fast/in/side").containsSubsequence("/fast", "/fast/in/side");
        assertThat(plan.mounts())
                .filteredOn(mount -> mount.type().equals("tmpfs"))
                .singleElement()
                .satisfies(mount ->
                        assertThat(mount.options()).containsExactly("nosuid", "nodev", "mode=1777", "size=1024"));
        assertThat(plan.root().resolve("fast")).isDirectory();
    }

    @Test
    void inADirectoryOfOursMountPointsAreMade() throws Exception {
        Path own = Files.createDirectories(scratch.resolve("own"));
        plan(bind(own, "/tmp"), bind(host, "/tmp/a/b"), bind(host.resolve("file"), "/tmp/c/file"));
        assertThat(own.resolve("a/b")).isDirectory();
        assertThat(own.resolve("c/file")).isRegularFile();
    }

    private MountPlan plan(Wanted... wanted) throws PluralityException {
        return MountPlan.of(image, List.of(wanted), scratch, HostMounts.parse(""));
    }

    private static Bind bind(Path source, String destination) {
        return new Bind(source, Path.of(destination), false, true, "test");
    }

    private static List<String> destinations(MountPlan plan) {
        return plan.mounts().stream()
                .map(mount -> mount.destination().toString())
                .toList();
    }

    private static String listing(Path tree) throws IOException {
        TreeMap<String, String> listing = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(tree)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                listing.put(
                        path.toString(),
                        Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS)
                                .toString());
            }
        }
        return listing.toString();
    }
}
