// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.plurality.bundle.Bind;
import org.plurality.bundle.ContainerSpec;
import org.plurality.bundle.ContainerSpec.Overlay;
import org.plurality.bundle.HostMounts;
import org.plurality.bundle.UserIds;
import org.plurality.cache.DurableFiles;
import org.plurality.cache.Entry;
import org.plurality.environment.ImageConfig;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.launch.JobContext;
import org.plurality.lease.Leases;

/**
 * Makes named containers of images that are in the cache.
 *
 * <p>All or nothing: a failure, a signal or a crash leaves no container of that name. The entry is held by a lease while it is copied.
 *
 * @param overlay whether the container is a layer over the entry instead of a copy
 * @param environment {@code NAME=VALUE}, over the image's
 * @param workDirectory instead of the image's, or null
 * @param binds from the host, on every run
 */
public record ContainerCreator(
        ContainerStore store,
        UserIds ids,
        boolean overlay,
        List<String> environment,
        @Nullable String workDirectory,
        List<Bind> binds) {
    private static final String DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final List<String> NAME_RESOLUTION = List.of("/etc/resolv.conf", "/etc/hosts");

    public ContainerCreator {
        environment = List.copyOf(environment);
        binds = List.copyOf(binds);
    }

    /** Checks before a download what can be known before it. */
    public void check(ContainerName name) throws PluralityException {
        store.begin(name).discardQuietly();
    }

    /** @param image as the user named it */
    public Container create(Entry entry, String image, ContainerName name) throws PluralityException {
        ContainerStore.Draft draft = store.begin(name);
        Thread onExit = new Thread(() -> {
            // What copies ends first, or it would go on writing.
            ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
            draft.discardQuietly();
        });
        Runtime.getRuntime().addShutdownHook(onExit);
        try {
            Container container = draft.container();
            Path place = draft.place();
            @Nullable Overlay layer = null;
            if (overlay) {
                LayerLease.take(entry, container, place);
                layer = RootfsFiller.overlay(entry, container, place, ids);
            } else {
                RootfsFiller.copy(entry, container);
            }
            ImageConfig config = ImageConfig.parse(Files.readAllBytes(entry.config()));
            DurableFiles.writeNew(
                    container.config(),
                    spec(config, name.value(), Container.ROOTFS, false, layer).toJson());
            DurableFiles.writeNew(
                    container.documentFile(),
                    new ContainerDocument(
                                    image,
                                    entry.document().digest(),
                                    overlay ? entry.layout().root() : null,
                                    overlay ? 0 : size(container.rootfs()),
                                    RunClaims.now())
                            .toJson());
            return draft.publish();
        } catch (IOException e) {
            throw ContainerStore.unusable("cannot create " + name, e);
        } finally {
            draft.discardQuietly();
            giveBack(entry);
            try {
                Runtime.getRuntime().removeShutdownHook(onExit);
            } catch (IllegalStateException e) {
                // It runs.
            }
        }
    }

    /** The configuration of a bundle that runs an entry itself, which it cannot write to. */
    public ContainerSpec specOf(Entry entry) throws PluralityException {
        try {
            ImageConfig config = ImageConfig.parse(Files.readAllBytes(entry.config()));
            return spec(config, "plurality", entry.rootfs().toString(), true, null);
        } catch (IOException e) {
            throw PluralityException.storage("cannot read " + entry.config(), e);
        } finally {
            giveBack(entry);
        }
    }

    private ContainerSpec spec(
            ImageConfig config, String hostname, String root, boolean readOnly, @Nullable Overlay layer)
            throws IOException {
        List<String> command = config.defaultCommand().isEmpty() ? List.of("sh") : config.defaultCommand();
        List<String> variables = new ArrayList<>(List.of(DEFAULT_PATH));
        variables.addAll(config.environment());
        variables.addAll(environment);
        String wanted = config.workingDirectory();
        String directory = workDirectory != null
                ? workDirectory
                : wanted.startsWith("/") ? Path.of(wanted).normalize().toString() : "/";
        List<Bind> all = new ArrayList<>();
        for (String file : NAME_RESOLUTION) {
            if (Files.isRegularFile(Path.of(file))) {
                all.add(new Bind(Path.of(file), Path.of(file), true, false, "name resolution"));
            }
        }
        all.addAll(binds);
        return new ContainerSpec(
                command,
                Variables.merge(variables),
                directory,
                hostname,
                root,
                readOnly,
                layer,
                all,
                ids,
                HostMounts.read());
    }

    /** The lease of this process, which it need not keep until it ends. */
    private static void giveBack(Entry entry) throws PluralityException {
        try {
            new Leases(entry.layout())
                    .release(
                            entry.document().digest(),
                            JobContext.of(Map.of(), ProcessHandle.current().pid())
                                    .lease());
        } catch (PluralityException e) {
            if (e.kind() != FailureKind.STORAGE) {
                throw e;
            }
        } catch (IOException e) {
            // It ends with this process, too.
        }
    }

    /** The sum of the files' sizes, each inode once. */
    private static long size(Path root) throws IOException {
        long[] bytes = {0};
        Set<Object> seen = new HashSet<>();
        Files.walkFileTree(root, new SimpleFileVisitor<Path>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                Object key = attributes.fileKey();
                if (key == null || seen.add(key)) {
                    bytes[0] += attributes.size();
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return bytes[0];
    }
}
