package org.plurality.launch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.plurality.bundle.Bind;
import org.plurality.bundle.RootfsView;
import org.plurality.bundle.UserIds;

/**
 * The binds that every launch has: {@code /proc /sys /dev /tmp}, the user's home and working directory, name resolution, and the user's line
 * in {@code /etc/passwd} and {@code /etc/group}, made once per node so that no rank asks a directory server.
 */
final class StandardBinds {
    private static final int MAX_ACCOUNT_FILE = 1 << 20;

    /** Host directories that would hide what the image is made of; a working directory there is not bound. */
    private static final Set<String> SYSTEM = Set.of(
            "bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "root", "run", "sbin", "sys", "usr",
            "var");

    private final List<Bind> binds = new ArrayList<>();
    private final RootfsView image;
    private final Path scratch;

    StandardBinds(RootfsView image, Path scratch) {
        this.image = image;
        this.scratch = scratch;
    }

    /**
     * @param home of the user
     * @param workingDirectory of the rank, with links resolved
     */
    List<Bind> of(UserIds ids, String userName, Path home, Path workingDirectory) throws IOException {
        for (String directory : List.of("/proc", "/sys", "/dev", "/tmp")) {
            add(Path.of(directory), Path.of(directory), "the host's");
        }
        for (String file : List.of("/etc/resolv.conf", "/etc/hosts")) {
            if (Files.isRegularFile(Path.of(file)) && image.isRegularFile(Path.of(file))) {
                binds.add(new Bind(Path.of(file).toRealPath(), Path.of(file), true, false, "name resolution"));
            }
        }
        String homePath = home.toString().replace(':', '_');
        account("passwd", ids.uid(), userName + ":x:" + ids.uid() + ":" + ids.gid() + "::" + homePath + ":/bin/sh");
        account("group", ids.gid(), userName + ":x:" + ids.gid() + ":");
        if (isBindable(home)) {
            add(home.toRealPath(), home, "home directory");
        }
        if (isBindable(workingDirectory) && !isVisible(workingDirectory)) {
            add(workingDirectory, workingDirectory, "working directory");
        }
        return binds;
    }

    private void add(Path source, Path destination, String reason) {
        binds.add(new Bind(source, destination, false, true, reason));
    }

    /** Whether a path of the host is seen under its own name already. */
    private boolean isVisible(Path path) {
        for (Bind bind : binds) {
            if (bind.source().equals(bind.destination()) && path.startsWith(bind.destination())) {
                return true;
            }
        }
        return false;
    }

    private static boolean isBindable(Path directory) {
        if (directory.getNameCount() == 0 || !Files.isDirectory(directory)) {
            return false;
        }
        return directory.startsWith("/var/tmp")
                || !SYSTEM.contains(directory.getName(0).toString());
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
        binds.add(new Bind(file, inImage, true, false, "the user's account"));
    }
}
