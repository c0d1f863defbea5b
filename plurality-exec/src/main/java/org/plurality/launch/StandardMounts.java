package org.plurality.launch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.plurality.bundle.Bind;
import org.plurality.bundle.RootfsView;
import org.plurality.bundle.UserIds;
import org.plurality.bundle.Wanted;

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

    /** What programs expect in {@code /dev} of a contained container, besides the devices that were asked for. */
    private static final List<String> DEVICES = List.of("null", "zero", "full", "random", "urandom", "tty");

    private final List<Wanted> mounts = new ArrayList<>();
    private final RootfsView image;
    private final Path scratch;

    /** @param scratch the launch's own node-local directory */
    StandardMounts(RootfsView image, Path scratch) {
        this.image = image;
        this.scratch = scratch;
    }

    /**
     * The home directory.
     *
     * @param source on the host, or null to leave it out
     * @param destination in the container
     */
    record Home(@Nullable Path source, Path destination) {}

    /**
     * @param workingDirectory of the rank, with links resolved
     * @param contained whether as little as possible of the host is to be seen
     */
    List<Wanted> of(UserIds ids, Account account, Home home, Path workingDirectory, boolean contained)
            throws IOException {
        add(Path.of("/proc"), Path.of("/proc"), "the host's");
        add(Path.of("/sys"), Path.of("/sys"), "the host's");
        if (contained) {
            fewDevices();
            own("tmp", "/tmp");
            if (image.isDirectory(Path.of("/var/tmp"))) {
                own("var-tmp", "/var/tmp");
            }
        } else {
            add(Path.of("/dev"), Path.of("/dev"), "the host's");
            add(Path.of("/tmp"), Path.of("/tmp"), "the host's");
        }
        for (String file : List.of("/etc/resolv.conf", "/etc/hosts", "/etc/localtime")) {
            if (Files.isRegularFile(Path.of(file)) && image.isRegularFile(Path.of(file))) {
                String reason = file.endsWith("localtime") ? "time zone" : "name resolution";
                mounts.add(new Bind(Path.of(file).toRealPath(), Path.of(file), true, false, reason));
            }
        }
        String homePath = home.destination().toString().replace(':', '_');
        String user = account.user() + ":x:" + ids.uid() + ":" + ids.gid() + ":" + account.comment() + ":" + homePath;
        account("passwd", ids.uid(), user + ":" + account.shell());
        account("group", ids.gid(), account.group() + ":x:" + ids.gid() + ":");
        Path source = home.source();
        if (source != null) {
            add(source, home.destination(), "home directory");
        }
        if (!contained && isBindable(workingDirectory) && !isVisible(workingDirectory)) {
            add(workingDirectory, workingDirectory, "working directory");
        }
        return mounts;
    }

    /** What ranks need to reach PMIx's server on this node, whose sockets and files are in that directory, or null for none. */
    List<Wanted> server(@Nullable String directory) {
        if (directory == null || !directory.startsWith("/") || !Files.isDirectory(Path.of(directory))) {
            return List.of();
        }
        Path path = Path.of(directory).normalize();
        return isVisible(path) ? List.of() : List.of(new Bind(path, path, false, true, "PMIx's server"));
    }

    /** Whether a directory of the host can be bound under its own name without hiding what the image is made of. */
    static boolean isBindable(Path directory) {
        if (directory.getNameCount() == 0 || !Files.isDirectory(directory)) {
            return false;
        }
        return directory.startsWith("/var/tmp")
                || !SYSTEM.contains(directory.getName(0).toString());
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
        for (Wanted one : mounts) {
            if (one instanceof Bind bind
                    && bind.source().equals(bind.destination())
                    && path.startsWith(bind.destination())) {
                return true;
            }
        }
        return false;
    }

    /** The image's file with the user's line, unless the image knows the id already. */
    private void account(String name, long id, String line) throws IOException {
        Path inImage = Path.of("/etc", name);
        if (!image.isRegularFile(inImage)
                || Files.size(image.onHost(inImage)) > MAX_ACCOUNT_FILE
                || !Files.isReadable(image.onHost(inImage))) {
            return;
        }
        String text = new String(Files.readAllBytes(image.onHost(inImage)), StandardCharsets.ISO_8859_1);
        for (String existing : text.split("\n", -1)) {
            String[] fields = existing.split(":", -1);
            if (fields.length > 2 && fields[2].equals(Long.toString(id))) {
                return;
            }
        }
        String separator = text.isEmpty() || text.endsWith("\n") ? "" : "\n";
        Path file = scratch.resolve(name);
        Files.write(file, (text + separator + line + "\n").getBytes(StandardCharsets.ISO_8859_1));
        mounts.add(new Bind(file, inImage, true, false, "the user's account"));
    }
}
