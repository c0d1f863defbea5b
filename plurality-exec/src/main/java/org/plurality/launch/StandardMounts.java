// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.plurality.bundle.Bind;
import org.plurality.bundle.MountRequest;
import org.plurality.bundle.RootfsView;
import org.plurality.bundle.UserIds;

/**
 * The mounts that every launch has: {@code /proc /sys /dev /tmp}, the user's home and working directory, name resolution, the time zone, and
 * the user's line in {@code /etc/passwd} and {@code /etc/group}.
 */
final class StandardMounts {
    private static final int MAX_ACCOUNT_FILE = 1 << 20;

    /** Host directories that would hide what the image is made of; a working directory there is not bound. */
    private static final Set<String> SYSTEM = Set.of(
            "bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "root", "run", "sbin", "sys", "usr",
            "var");

    private static final Set<String> USR = Set.of(
            "bin", "games", "include", "lib", "lib32", "lib64", "libexec", "libx32", "local", "sbin", "share", "src");

    private static final Set<String> VAR =
            Set.of("backups", "cache", "db", "empty", "lib", "local", "lock", "log", "mail", "opt", "run", "spool");

    /** What programs expect in {@code /dev} of a contained container, besides the devices that were asked for. */
    private static final List<String> DEVICES = List.of("null", "zero", "full", "random", "urandom", "tty");

    private final List<MountRequest> mounts = new ArrayList<>();
    private final RootfsView image;
    private final Path scratch;
    private final LeftOut leftOut;

    /**
     * @param scratch the launch's own node-local directory
     * @param leftOut what the user does not want
     */
    StandardMounts(RootfsView image, Path scratch, LeftOut leftOut) {
        this.image = image;
        this.scratch = scratch;
        this.leftOut = leftOut;
    }

    /**
     * The home directory.
     *
     * @param source on the host, or null to leave it out
     * @param destination in the container
     * @param isUsual whether it is the user's own, under its own name
     */
    record Home(@Nullable Path source, Path destination, boolean isUsual) {}

    /**
     * @param workingDirectories of the rank: its paths with and without links
     * @param contained whether as little as possible of the host is to be seen
     */
    List<MountRequest> of(UserIds ids, PasswdEntry account, Home home, List<Path> workingDirectories, boolean contained)
            throws IOException {
        add(Path.of("/proc"), Path.of("/proc"), "the host's");
        if (!leftOut.has("sys")) {
            add(Path.of("/sys"), Path.of("/sys"), "the host's");
        }
        if (contained) {
            fewDevices();
        } else {
            add(Path.of("/dev"), Path.of("/dev"), "the host's");
        }
        if (!leftOut.has("tmp")) {
            temporary(contained);
        }
        for (String file : List.of("/etc/resolv.conf", "/etc/hosts", "/etc/localtime")) {
            if (leftOut.has(file)) {
                continue;
            }
            RootfsView.Location found = image.locate(Path.of(file));
            boolean zone = file.endsWith("localtime");
            boolean fits = found.isComplete()
                    ? image.isRegularFile(found.existing())
                    : !zone && image.isDirectory(found.existing());
            if (Files.isRegularFile(Path.of(file)) && fits) {
                String reason = zone ? "time zone" : "name resolution";
                mounts.add(new Bind(Path.of(file).toRealPath(), found.resolved(), true, false, reason));
            }
        }
        String homePath = home.destination().toString().replace(':', '_');
        String user = account.user() + ":x:" + ids.uid() + ":" + ids.gid() + ":" + account.comment() + ":" + homePath;
        account("passwd", ids.uid(), user + ":" + account.shell());
        account("group", ids.gid(), account.group() + ":x:" + ids.gid() + ":");
        Path source = home.source();
        if (source != null && !leftOut.has("home")) {
            add(source, home.destination(), "home directory");
            // Programs that resolve links, and a working directory below it, have the other path.
            if (home.isUsual() && !contained && isBindable(source, image) && !isVisible(source)) {
                add(source, source, "home directory");
            }
        }
        for (Path directory : workingDirectories) {
            if (!contained && !leftOut.has("cwd") && isBindable(directory, image) && !isVisible(directory)) {
                add(directory, directory, "working directory");
            }
        }
        return mounts;
    }

    private void temporary(boolean contained) throws IOException {
        if (contained) {
            own("tmp", "/tmp");
            if (image.isDirectory(Path.of("/var/tmp"))) {
                own("var-tmp", "/var/tmp");
            }
            return;
        }
        add(Path.of("/tmp"), Path.of("/tmp"), "the host's");
        if (Files.isDirectory(Path.of("/var/tmp"))) {
            add(Path.of("/var/tmp"), Path.of("/var/tmp"), "the host's");
        }
    }

    /** What variables of the scheduler name: a directory for temporary files, and PBS's list of the job's nodes. */
    List<MountRequest> named(Map<String, String> environment) throws IOException {
        List<MountRequest> named = new ArrayList<>();
        for (String name : List.of("TMPDIR", "PBS_NODEFILE")) {
            String value = environment.getOrDefault(name, "");
            if (!value.startsWith("/")) {
                continue;
            }
            Path path = Path.of(value).normalize();
            boolean fits = name.equals("TMPDIR") ? isBindable(path, image) : Files.isRegularFile(path);
            if (fits && !isVisible(path) && !image.locate(path).isComplete()) {
                named.add(new Bind(path, path, !name.equals("TMPDIR"), true, name));
            }
        }
        return named;
    }

    /** What ranks need to reach PMIx's server on this node, whose sockets and files are in that directory, or null for none. */
    List<MountRequest> server(@Nullable String directory) {
        if (directory == null || !directory.startsWith("/") || !Files.isDirectory(Path.of(directory))) {
            return List.of();
        }
        Path path = Path.of(directory).normalize();
        return isVisible(path) ? List.of() : List.of(new Bind(path, path, false, true, "PMIx's server"));
    }

    /** Returns whether a directory of the host can be bound under its own name without hiding what the image is made of. */
    static boolean isBindable(Path directory, RootfsView image) throws IOException {
        if (directory.getNameCount() == 0 || !Files.isDirectory(directory)) {
            return false;
        }
        String top = directory.getName(0).toString();
        if (directory.startsWith("/var/tmp") || !SYSTEM.contains(top)) {
            return true;
        }
        // Homes may lie below these two. What is a system's there, the image is to have of its own.
        boolean below = (top.equals("usr") || top.equals("var")) && directory.getNameCount() > 1;
        if (!below
                || (directory.getNameCount() == 2
                        && VAR.contains(directory.getName(1).toString()))) {
            return false;
        }
        boolean system = top.equals("usr") && USR.contains(directory.getName(1).toString());
        return !system && !image.locate(directory).isComplete();
    }

    private void add(Path source, Path destination, String reason) {
        mounts.add(new Bind(source, destination, false, true, reason));
    }

    /** A directory of the launch's own, on this node, which goes with the container. */
    private void own(String name, String destination) throws IOException {
        mounts.add(new Bind(
                Files.createDirectories(scratch.resolve("contained").resolve(name)),
                Path.of(destination),
                false,
                false,
                "own, because of --contain"));
    }

    /** Users cannot make devices: each is bound from the host's. */
    private void fewDevices() throws IOException {
        own("dev", "/dev");
        Path devices = scratch.resolve("contained").resolve("dev");
        for (String name : DEVICES) {
            addIfThere("/dev/" + name);
        }
        // Ranks share memory by the one, terminals are in the other.
        addIfThere("/dev/shm");
        addIfThere("/dev/pts");
        Files.createSymbolicLink(devices.resolve("ptmx"), Path.of("pts/ptmx"));
        Files.createSymbolicLink(devices.resolve("fd"), Path.of("/proc/self/fd"));
        for (int i = 0; i < 3; i++) {
            String name = i == 0 ? "stdin" : i == 1 ? "stdout" : "stderr";
            Files.createSymbolicLink(devices.resolve(name), Path.of("/proc/self/fd/" + i));
        }
    }

    private void addIfThere(String path) {
        if (Files.exists(Path.of(path))) {
            add(Path.of(path), Path.of(path), "the host's");
        }
    }

    /** Whether a path of the host is seen under its own name already. */
    private boolean isVisible(Path path) {
        for (MountRequest one : mounts) {
            if (one instanceof Bind bind && path.startsWith(bind.destination()) && isSame(bind, path)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a bind shows at a path what the host has there. */
    private static boolean isSame(Bind bind, Path path) {
        try {
            Path shown = bind.source().resolve(bind.destination().relativize(path));
            return shown.equals(path) || Files.isSameFile(shown, path);
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * The image's file with the user's line: in place of the line by which the image knows the id, of which a shell is kept, else in
     * front of a line with the user's name, else at the end.
     */
    private void account(String name, long id, String line) throws IOException {
        RootfsView.Location found = image.locate(Path.of("/etc", name));
        Path inImage = found.resolved();
        Path onHost = image.onHost(inImage);
        String text = "";
        if (found.isComplete()) {
            if (!image.isRegularFile(inImage) || Files.size(onHost) > MAX_ACCOUNT_FILE || !Files.isReadable(onHost)) {
                return;
            }
            text = new String(Files.readAllBytes(onHost), StandardCharsets.ISO_8859_1);
        }
        Path file = scratch.resolve(name);
        Files.write(file, PasswdFile.with(text, line, id).getBytes(StandardCharsets.ISO_8859_1));
        mounts.add(new Bind(file, inImage, true, false, "the user's account"));
    }
}
