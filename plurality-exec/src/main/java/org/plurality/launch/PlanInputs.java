// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.plurality.bundle.Bind;
import org.plurality.bundle.MountPlan;
import org.plurality.bundle.MountRequest;
import org.plurality.cache.CacheAccess;
import org.plurality.cache.CacheLayout;
import org.plurality.cache.Entry;
import org.plurality.cache.FileStat;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.failure.PluralityException;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;

/**
 * What a plan was made from, besides the request and what the launcher ({@code plan.c}) compares by itself (settings'
 * files, accounts, mounts): the file {@code facts} and the directory {@code facts.d} beside the plan. For the same
 * request on the same node, the launcher ({@code facts.c}) uses the plan again without this JVM as long as every line
 * holds. So everything that the planner looks at has a line here, or the plan gets no {@code facts}.
 *
 * <p>Lines: {@code same N PATH} (the file's bytes are those of {@code facts.d/N}), {@code directory}, {@code file},
 * {@code executable}, {@code absent}, {@code nofile PATH}; {@code missing PATH} in a cache, of which the launcher asks
 * the server, because an NFS client may not know that another host has made it since; {@code link PATH} and {@code real
 * PATH}, where the one leads to the other; {@code own PATH} and {@code state UID:MODE PATH}, who may change a cache;
 * {@code leases}, {@code umask}, {@code user}, {@code digest}, for the lease. The last is {@code end}.
 */
final class PlanInputs {
    private static final int MAX_COPY = 1 << 16;
    private static final List<String> ETC = List.of("/etc/resolv.conf", "/etc/hosts", "/etc/localtime");

    private final Path directory;
    private final KeyValueFile lines = new KeyValueFile();
    private int copies;

    private PlanInputs(Path directory) {
        this.directory = directory;
    }

    /** Writes them, or nothing when the plan is good for this launch only. */
    static void write(LaunchRequest request, LaunchPlan plan, Map<String, String> environment, Path directory)
            throws IOException, PluralityException {
        if (isForOnce(request)) {
            return;
        }
        PlanInputs facts = new PlanInputs(directory);
        if (facts.cache(request, plan.entry(), environment)) {
            facts.program(plan.runtime(), environment);
            facts.places(request, plan, environment);
            for (Path source : request.mounts().absentSources()) {
                facts.line("absent", source);
            }
            facts.lines.add("end", ".").write(directory.resolve("facts"));
        }
    }

    /** Requests that look at more of the host than is worth writing down, or keep something in their directory. */
    private static boolean isForOnce(LaunchRequest request) throws PluralityException {
        Settings settings = request.settings();
        return LocalImage.isNamedBy(request.image())
                || DigestPrefix.of(request.image()) != null
                || request.has(Option.EDF)
                || HostAdditions.isWanted(request)
                || settings.isOn(Key.CONTAIN)
                || settings.isOn(Key.LOCAL)
                || settings.value(Key.OVERLAY).isPresent()
                || !settings.values(Key.ENV_FILE).isEmpty()
                || request.has(Option.ENV_FILE);
    }

    /** Whether it can be told from a few files which entry the image's name stands for. */
    private boolean cache(LaunchRequest request, Entry entry, Map<String, String> environment)
            throws IOException, PluralityException {
        String image = request.pinnedImage(environment);
        for (Path root : request.settings().caches()) {
            CacheLayout layout = new CacheLayout(root.toAbsolutePath());
            boolean found = layout.root().equals(entry.layout().root());
            if (!Files.exists(layout.marker())) {
                line("missing", layout.marker());
                continue;
            }
            Path reference = reference(image, request, layout);
            boolean known = reference != null && Files.exists(reference);
            if (!same(layout.marker()) || (known && !found)) {
                return false;
            }
            if (reference != null && !known) {
                line("missing", reference);
            } else if (reference != null && !same(reference)) {
                return false;
            }
            if (found) {
                trust(layout);
                lease(entry);
                return same(layout.entryDocument(entry.directory()));
            }
            Digest digest = digest(image);
            if (digest != null) {
                line("missing", layout.entryDocument(layout.image(digest)));
            }
        }
        return false;
    }

    private static @Nullable Path reference(String image, LaunchRequest request, CacheLayout layout)
            throws PluralityException {
        return isDigest(image)
                ? null
                : layout.reference(parse(image), request.settings().platform());
    }

    private static @Nullable Digest digest(String image) {
        return isDigest(image) ? Digest.parse(image) : parse(image).digest();
    }

    private static boolean isDigest(String image) {
        return image.startsWith("sha256:") || image.startsWith("sha512:");
    }

    private static ImageReference parse(String image) {
        return ImageReference.parse(image.startsWith("docker://") ? image.substring("docker://".length()) : image);
    }

    /** {@link CacheAccess} has looked; that it would find the same is a stat for each, which a shell needs only in others' caches. */
    private void trust(CacheLayout layout) throws IOException, PluralityException {
        boolean own = CacheAccess.owner(layout) == CacheAccess.self();
        for (Path path : List.of(layout.root().resolve("."), layout.images(), layout.refs(), layout.leases())) {
            if (own) {
                line("own", path);
            } else if (Files.exists(path)) {
                FileStat file = FileStat.of(path);
                lines.add("state", file.uid() + ":" + Integer.toHexString(file.mode()) + " " + path);
            } else {
                line("absent", path);
            }
        }
    }

    private void lease(Entry entry) throws IOException, PluralityException {
        Digest digest = entry.document().digest();
        Path leases = entry.layout().leases(digest);
        if (Files.isDirectory(leases)) {
            int mode = 0600 | (FileStat.of(leases).mode() & 0044);
            lines.add("umask", Integer.toOctalString(0666 & ~mode));
        }
        line("leases", leases);
        lines.add("digest", digest.toString());
        lines.add("user", System.getProperty("user.name", "?"));
    }

    /** A program of that name that comes to lie further ahead on the search path would be taken instead. */
    private void program(Path program, Map<String, String> environment) throws PluralityException {
        for (String part : environment.getOrDefault("PATH", "").split(":", -1)) {
            Path candidate = Path.of(part, program.getFileName().toString()).toAbsolutePath();
            if (candidate.equals(program)) {
                break;
            }
            if (!part.isEmpty() && !Files.exists(candidate)) {
                line("absent", candidate);
            }
        }
        line("executable", program);
    }

    private void places(LaunchRequest request, LaunchPlan plan, Map<String, String> environment)
            throws IOException, PluralityException {
        line("link", Path.of("."));
        line("real", Path.of("").toAbsolutePath());
        for (String name : List.of("HOME", "PMIX_SERVER_TMPDIR", "TMPDIR", "PBS_NODEFILE")) {
            place(Path.of(environment.getOrDefault(name, "/")).toAbsolutePath());
        }
        for (String file : ETC) {
            Path path = Path.of(file);
            if (Files.isRegularFile(path)) {
                link(path);
            } else {
                line("nofile", path);
            }
        }
        link(environment.get("PWD"));
        for (MountRequest one : request.mounts().wanted()) {
            if (one instanceof Bind bind) {
                place(bind.source());
            }
        }
        List<MountPlan.Mount> mounts = plan.mounts().mounts();
        for (MountPlan.Mount mount : mounts) {
            if (isOfHost(mount, plan)) {
                place(mount.source());
                // What is mounted in it needs a mount point there.
                for (MountPlan.Mount inner : mounts) {
                    if (inner.destination().startsWith(mount.destination())
                            && !inner.destination().equals(mount.destination())) {
                        place(mount.source().resolve(mount.destination().relativize(inner.destination())));
                    }
                }
                Path start = Path.of(plan.workDirectory());
                if (start.startsWith(mount.destination())) {
                    place(mount.source().resolve(mount.destination().relativize(start)));
                }
            }
        }
    }

    private boolean isOfHost(MountPlan.Mount mount, LaunchPlan plan) {
        return mount.type().equals("bind")
                && !mount.source().startsWith(directory)
                && !mount.source().startsWith(plan.entry().directory());
    }

    /** The working directory as the user calls it. */
    private void link(@Nullable String called) throws IOException, PluralityException {
        if (called != null && called.startsWith("/") && Files.isDirectory(Path.of(called))) {
            link(Path.of(called));
        }
    }

    /** A link anywhere in the path may lead elsewhere later, though all of it is there. */
    private void place(Path path) throws IOException, PluralityException {
        if (!Files.exists(path)) {
            line("absent", path);
        } else if (!path.toRealPath().equals(path)) {
            link(path);
        } else {
            line(Files.isDirectory(path) ? "directory" : "file", path);
        }
    }

    private void link(Path path) throws IOException, PluralityException {
        line("link", path);
        line("real", path.toRealPath());
    }

    /** Whether the file is small enough to be compared. */
    private boolean same(Path file) throws IOException, PluralityException {
        byte[] bytes = Files.readAllBytes(file);
        if (bytes.length > MAX_COPY) {
            return false;
        }
        Path copy = Files.createDirectories(directory.resolve("facts.d")).resolve(Integer.toString(copies));
        Files.write(copy, bytes);
        lines.add("same", copies++ + " " + file);
        return true;
    }

    private void line(String name, Path path) throws PluralityException {
        lines.add(name, path.toString());
    }
}
