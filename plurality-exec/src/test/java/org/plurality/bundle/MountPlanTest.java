// SPDX-License-Identifier: Apache-2.0
package org.plurality.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.failure.PluralityException;

class MountPlanTest {
    @TempDir
    private Path directory;

    private Path image;
    private Path scratch;

    /** The bundle of the last plan. */
    private Path bundle = Path.of("/");

    private static final Overlays EVERYWHERE = (layer, lower) -> true;

    private Path host;

    @BeforeEach
    void makeImage() throws IOException {
        image = Files.createDirectories(directory.resolve("image"));
        scratch = Files.createDirectories(directory.resolve("scratch"));
        host = Files.createDirectories(directory.resolve("host"));
        for (String path : List.of("etc/x", "home/other/x", "mnt", "tmp", "usr/bin/x", "var/x")) {
            Files.createDirectories(image.resolve(path));
        }
        Files.createFile(image.resolve("etc/passwd"));
        Files.createSymbolicLink(image.resolve("bin"), Path.of("usr/bin"));
        Files.createSymbolicLink(image.resolve("var/run"), Path.of("/run"));
        Files.createFile(host.resolve("file"));
        Files.createDirectories(host.resolve("inner"));
    }

    @Test
    void noMountLiesOnADirectoryEntryOfASharedImage() throws Exception {
        for (Overlays overlays : List.of(Overlays.NONE, EVERYWHERE)) {
            MountPlan plan = plan(
                    MountPoints.BESIDE_IMAGE,
                    overlays,
                    bind(host, "/tmp"),
                    bind(host.resolve("file"), "/etc/passwd"),
                    bind(host, "/usr/share/deep/place"));
            assertThat(plan.root()).hasToString("underlay-0");
            Path root = bundle.resolve("underlay-0");
            for (MountPlan.Mount mount : plan.mounts()) {
                Path on = mountedOn(plan, mount);
                assertThat(on).satisfiesAnyOf(path -> assertThat(path).isNull(), path -> assertThat(path)
                        .isEqualTo(Path.of("overlay")));
                if (on == null && mount.destination().getNameCount() == 1) {
                    assertThat(root.resolve(Path.of("/").relativize(mount.destination())))
                            .exists();
                }
            }
        }
    }

    /** The source of the mount that a mount lies on, null for the container's root. */
    private static @Nullable Path mountedOn(MountPlan plan, MountPlan.Mount mount) {
        Path on = null;
        int depth = 0;
        for (MountPlan.Mount other : plan.mounts()) {
            int names = other.destination().getNameCount();
            if (names > depth
                    && mount.destination().startsWith(other.destination())
                    && !mount.destination().equals(other.destination())) {
                on = other.source();
                depth = names;
            }
        }
        return on;
    }

    @Test
    void topDirectoryInWhichSomethingIsMountedGetsTwoReadOnlyLayers() throws Exception {
        Files.createDirectories(image.resolve("usr/share"));
        MountPlan plan = plan(MountPoints.BESIDE_IMAGE, EVERYWHERE, bind(host, "/usr/share/deep/place"));
        assertThat(destinations(plan)).containsExactly("/etc", "/home", "/var", "/usr", "/usr/share/deep/place");
        assertThat(plan.mounts().get(3).options())
                .containsExactly("ro", "nosuid", "nodev", "lowerdir=usr:" + image.resolve("usr"));
        assertThat(bundle.resolve("underlay-0/usr/share/deep/place")).isEmptyDirectory();
    }

    @Test
    void withoutOverlaysEachDirectoryOnTheWayIsCovered() throws Exception {
        Files.createDirectories(image.resolve("usr/share/one/x"));
        MountPlan plan = plan(MountPoints.BESIDE_IMAGE, Overlays.NONE, bind(host, "/usr/share/two"));
        assertThat(destinations(plan))
                .containsExactly("/etc", "/home", "/var", "/usr/bin", "/usr/share/one", "/usr/share/two");
    }

    @Test
    void pathThatOverlayfsWouldMisreadIsCovered() throws Exception {
        Path odd = directory.resolve("a:b");
        Files.move(image, odd);
        image = odd;
        assertThat(plan(MountPoints.BESIDE_IMAGE, EVERYWHERE, bind(host, "/etc/x/y"))
                        .mounts())
                .noneMatch(mount -> mount.type().equals("overlay"));
    }

    @Test
    void mountPointsCannotBeRemovedByAccident() throws Exception {
        plan(bind(host, "/scratch/project/deep"), bind(host, "/etc/x"));
        for (String closed : List.of("", "etc", "scratch", "scratch/project")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(
                            bundle.resolve("underlay-0").resolve(closed))))
                    .as(closed)
                    .isEqualTo("r-xr-xr-x");
        }
    }

    @Test
    void onAMountOfThisNodeAPlaceThatTheImageHasIsUsed() throws Exception {
        MountPlan plan = plan(MountPoints.ON_IMAGE, Overlays.NONE, bind(host, "/tmp"));
        assertThat(plan.root()).isEqualTo(image);
        assertThat(destinations(plan)).containsExactly("/tmp");
        assertThat(bundle).isEmptyDirectory();
    }

    @Test
    void onAMountOfThisNodeAMissingPlaceIsMadeInAnUnderlayThatGivesBackWhatWasThere() throws Exception {
        MountPlan plan = plan(MountPoints.ON_IMAGE, Overlays.NONE, bind(host, "/home/me/deep"));
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
        assertThat(destinations(plan))
                .containsExactly("/etc", "/home", "/usr", "/var", "/scratch/project", "/opt/new/file");
        Path root = bundle.resolve(plan.root());
        assertThat(root.resolve("opt/new/file")).isRegularFile();
        assertThat(Files.readSymbolicLink(root.resolve("bin"))).hasToString("usr/bin");
    }

    @Test
    void sourceOfABindIsWhatItsLinkLeadsTo() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("link"), host);
        HostMounts mounts = HostMounts.parse("""
                1 0 8:1 / / rw - ext4 d rw
                2 1 8:1 / %s rw,nosuid,nodev - ext4 e rw
                3 2 8:1 / %s/inner rw - tmpfs t rw
                """.formatted(host.toRealPath(), host.toRealPath()));
        Bind bind = new Bind(link, Path.of("/in"), true, true, "test");
        MountPlan plan = MountPlan.of(new RootfsView(image), List.of(bind), means(mounts));
        MountPlan.Mount mount = plan.mounts().get(plan.mounts().size() - 1);
        assertThat(mount.source()).isEqualTo(host.toRealPath());
        assertThat(mount.options()).startsWith("rbind", "ro", "nosuid", "nodev");
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
        MountPlan plan = MountPlan.of(seen, List.of(bind(host, "/scratch/project")), means(mounts));
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
                .containsSubsequence("/tmp", "/tmp/inner");
        assertThatThrownBy(() -> plan(bind(host, "/tmp"), bind(directory, "/tmp/absent")))
                .isInstanceOf(PluralityException.class)
                .hasMessageContaining("has no such directory");
        assertThat(host.resolve("absent")).doesNotExist();
    }

    @Test
    void laterBindToOneDestinationWins() throws Exception {
        MountPlan plan = plan(bind(host, "/tmp"), bind(directory, "/tmp"));
        assertThat(plan.mounts())
                .filteredOn(mount -> mount.destination().equals(Path.of("/tmp")))
                .singleElement()
                .satisfies(mount -> assertThat(mount.source()).isEqualTo(directory.toRealPath()));
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
        assertThat(bundle.resolve(plan.root()).resolve("fast")).isDirectory();
    }

    @Test
    void inADirectoryOfOursMountPointsAreMade() throws Exception {
        bundle = Files.createDirectory(scratch.resolve("bundle"));
        Path own = Files.createDirectories(bundle.resolve("own"));
        MountPlan.of(
                new RootfsView(image),
                List.of(bind(own, "/tmp"), bind(host, "/tmp/a/b"), bind(host.resolve("file"), "/tmp/c/file")),
                new MountPlan.Means(MountPoints.BESIDE_IMAGE, bundle, HostMounts.parse(""), Overlays.NONE));
        assertThat(own.resolve("a/b")).isDirectory();
        assertThat(own.resolve("c/file")).isRegularFile();
    }

    private MountPlan plan(MountRequest... wanted) throws PluralityException, IOException {
        return plan(MountPoints.BESIDE_IMAGE, Overlays.NONE, wanted);
    }

    private MountPlan plan(MountPoints points, Overlays overlays, MountRequest... wanted)
            throws PluralityException, IOException {
        bundle = Files.createTempDirectory(scratch, "bundle");
        return MountPlan.of(
                new RootfsView(image),
                List.of(wanted),
                new MountPlan.Means(points, bundle, HostMounts.parse(""), overlays));
    }

    private MountPlan.Means means(HostMounts mounts) throws IOException {
        bundle = Files.createTempDirectory(scratch, "bundle");
        return new MountPlan.Means(MountPoints.BESIDE_IMAGE, bundle, mounts, Overlays.NONE);
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
