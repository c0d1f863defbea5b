// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.diagnosis;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.plurality.cache.Cache;
import org.plurality.cache.CacheAccess;
import org.plurality.cache.CacheLayout;
import org.plurality.cache.DurableFiles;
import org.plurality.cache.ServerClock;
import org.plurality.display.ByteCount;
import org.plurality.failure.PluralityException;
import org.plurality.machine.Filesystem;
import org.plurality.posix.FilesystemSpace;

/** Tests what a cache needs of its filesystem, in a directory of its own, which it removes afterwards. */
public final class CacheDoctor {
    private static final String AREA = "filesystem";
    private static final Duration CLOCKS_APART = Duration.ofSeconds(30);
    private static final long LITTLE_BYTES = 10_000_000_000L;
    private static final long FEW_INODES = 200_000;

    private final Path root;
    private final List<String> moreShared;
    private final boolean canSquash;
    private final Duration wait;
    private final Clock clock;
    private final List<Finding> findings = new ArrayList<>();
    private boolean isAbsent;

    /**
     * @param root root of the cache, which need not exist
     * @param moreShared filesystem types that the site declares as shared
     * @param canSquash whether squashfs files can be created and mounted here
     * @param wait of expiry before it deletes files
     */
    public CacheDoctor(Path root, List<String> moreShared, boolean canSquash, Duration wait, Clock clock) {
        this.root = root;
        this.moreShared = List.copyOf(moreShared);
        this.canSquash = canSquash;
        this.wait = wait;
        this.clock = clock;
    }

    public List<Finding> findings() {
        Path base = root.toAbsolutePath();
        boolean isCache = isSound();
        while (!Files.isDirectory(base) && base.getParent() != null) {
            base = base.getParent();
        }
        if (isCache) {
            base = new CacheLayout(root.toAbsolutePath()).tmp();
        }
        mount(base);
        space(base);
        Path place = base.resolve("doctor-" + UUID.randomUUID());
        try {
            Files.createDirectory(place);
        } catch (IOException e) {
            if (isAbsent) {
                problem(
                        "access",
                        "there is no cache, and this user cannot make one in " + base + " ("
                                + PluralityException.reasonOf(e) + ")",
                        "check the path in --cache or PLURALITY_CACHE; or choose one that you can write to");
                return findings;
            }
            note(
                    "access",
                    "this user cannot write in " + base + " (" + PluralityException.reasonOf(e) + ")",
                    "images from it can be run; who stages in here runs doctor to have it tried");
            return findings;
        }
        try {
            renames(place);
            exclusive(place);
            links(place);
            attributes(place);
            clock(place);
        } finally {
            remove(place);
        }
        return findings;
    }

    private boolean isSound() {
        try {
            if (Cache.open(root).isEmpty()) {
                isAbsent = true;
                note(
                        "cache",
                        "there is none in " + root + " yet",
                        "the first pull makes it; for a site: plurality-stagein init --site");
                return false;
            }
            CacheAccess.checkForWriting(new CacheLayout(root.toAbsolutePath()));
            ok("cache", root.toString());
            return true;
        } catch (PluralityException e) {
            problem("cache", e.getMessage(), e.hint());
            return false;
        }
    }

    private void mount(Path base) {
        try {
            Filesystem filesystem = Filesystem.of(base);
            String where = filesystem.type() + " on " + filesystem.mountPoint();
            if (!filesystem.isShared(moreShared)) {
                ok("type", where + "; auto keeps images as directories");
            } else if (canSquash) {
                ok("type", where + ", a shared one; auto keeps images as squashfs files");
            } else {
                note(
                        "type",
                        where + ", a shared one, but squashfs files cannot be made and mounted here",
                        "a tree of small files keeps its metadata server busy: install squashfs-tools and squashfuse,"
                                + " and open /dev/fuse to users");
            }
            String options = String.join(",", filesystem.options());
            if (filesystem.options().contains("ro")) {
                problem("mount options", options, "it is read-only here: stage in where it is not, or remount it");
            } else if (filesystem.options().contains("noexec")) {
                problem(
                        "mount options",
                        options,
                        "programs of images kept as directories cannot be run from it: use --format squashfs, or"
                                + " remount it");
            } else {
                ok("mount options", options);
            }
            if (filesystem.type().startsWith("nfs")) {
                findings.add(AttributeCache.of(filesystem.options()).finding(AREA, wait));
            }
        } catch (IOException e) {
            note("type", "cannot be told: " + PluralityException.reasonOf(e), "auto keeps images as directories");
        }
    }

    private void space(Path base) {
        try {
            FilesystemSpace space = FilesystemSpace.of(base);
            String bytes = ByteCount.of(space.freeBytes()) + " of " + ByteCount.of(space.bytes()) + " free";
            if (space.freeBytes() == 0) {
                problem("space", bytes, "remove something: plurality-stagein expire, with expire_max_bytes set");
            } else if (space.freeBytes() < LITTLE_BYTES) {
                note("space", bytes, "an image may not fit: set expire_min_free, or choose another filesystem");
            } else {
                ok("space", bytes);
            }
            String inodes = space.freeInodes() + " of " + space.inodes() + " inodes free";
            if (space.inodes() == 0) {
                ok("inodes", "not counted by this filesystem");
            } else if (space.freeInodes() == 0) {
                problem("inodes", inodes, "remove something, or keep images as squashfs: one inode each");
            } else if (space.freeInodes() < FEW_INODES) {
                note("inodes", inodes, "a large image as a directory takes as many: use --format squashfs");
            } else {
                ok("inodes", inodes);
            }
        } catch (IOException e) {
            note("space", "cannot be told: " + PluralityException.reasonOf(e), "expire_min_free does nothing here");
        }
    }

    /** Tests publication: one rename onto an absent name succeeds, and the second rename fails. */
    private void renames(Path place) {
        try {
            Path first = Files.createDirectory(place.resolve("first"));
            Files.createFile(first.resolve("entry.json"));
            Path second = Files.createDirectory(place.resolve("second"));
            Files.createFile(second.resolve("entry.json"));
            Path name = place.resolve("name");
            Files.move(first, name, StandardCopyOption.ATOMIC_MOVE);
            try {
                Files.move(second, name, StandardCopyOption.ATOMIC_MOVE);
                problem(
                        "rename",
                        "a directory took the place of one with files in it",
                        "images could be lost: use another filesystem");
            } catch (IOException e) {
                ok("rename", "atomic onto an absent name, refused onto another image");
            }
        } catch (IOException e) {
            problem(
                    "rename",
                    PluralityException.reasonOf(e),
                    "images cannot be published here: use another filesystem");
        }
    }

    private void exclusive(Path place) {
        Path file = place.resolve("exclusive");
        try {
            Files.createFile(file);
            try {
                Files.createFile(file);
                problem("exclusive create", "a file was made twice", "locks save nothing here: use another filesystem");
            } catch (FileAlreadyExistsException e) {
                ok("exclusive create", "the second of two is refused");
            }
        } catch (IOException e) {
            problem("exclusive create", PluralityException.reasonOf(e), "use another filesystem");
        }
    }

    private void links(Path place) {
        try {
            Path file = Files.createFile(place.resolve("linked"));
            Files.createLink(place.resolve("link"), file);
            int links = (Integer) Files.getAttribute(file, "unix:nlink");
            if (links == 2) {
                ok("hard links", "made and counted");
            } else {
                note("hard links", "made, but counted as " + links, "the sizes of images may be wrong");
            }
        } catch (IOException | UnsupportedOperationException e) {
            note(
                    "hard links",
                    "cannot be made",
                    "images with hard links cannot be kept as directories: use --format squashfs");
        }
    }

    private void attributes(Path place) {
        try {
            Path file = Files.createFile(place.resolve("attributed"));
            Files.getFileAttributeView(file, UserDefinedFileAttributeView.class)
                    .write("plurality", StandardCharsets.UTF_8.encode("x"));
            ok("extended attributes", "user.* can be set");
        } catch (IOException | UnsupportedOperationException e) {
            note(
                    "extended attributes",
                    "user.* cannot be set",
                    "those of images are left out when they are kept as directories");
        }
    }

    private void clock(Path place) {
        try {
            Duration ahead = Duration.between(clock.instant(), new ServerClock(place).now());
            String found = "the server's is " + Math.abs(ahead.toMillis() / 100) / 10.0 + " s "
                    + (ahead.isNegative() ? "behind" : "ahead of") + " this host's";
            if (ahead.abs().compareTo(CLOCKS_APART) > 0) {
                note(
                        "clock",
                        found,
                        "leases and expiry go by the server's: only times that are shown differ; start NTP");
            } else {
                ok("clock", found);
            }
        } catch (IOException e) {
            problem("clock", PluralityException.reasonOf(e), "the age of files cannot be told here");
        }
    }

    private static void remove(Path place) {
        try {
            DurableFiles.deleteTree(place);
        } catch (IOException e) {
            // The sweep for leftovers of killed processes removes it.
        }
    }

    private void ok(String check, String found) {
        findings.add(Finding.ok(AREA, check, found));
    }

    private void note(String check, String found, String hint) {
        findings.add(Finding.note(AREA, check, found, hint));
    }

    private void problem(String check, String found, String hint) {
        findings.add(Finding.problem(AREA, check, found, hint));
    }
}
