// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.plurality.bundle.UserIds;
import org.plurality.cache.DurableFiles;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.process.ProcessIdentity;

/**
 * The directory of a user's containers, {@code ~/.runc/container} unless set.
 *
 * <p>What has a container's name there is a whole container: it is made under another name, and gets its own by one rename onto an absent one; it
 * is removed the same way round. Names that begin with a dot are such work, and are removed once their process has ended. Safe for
 * several processes and hosts at once.
 */
public final class ContainerStore {
    private static final String WORK = ".work.";

    private final Path root;

    public ContainerStore(Path root) {
        this.root = root;
    }

    /** A container's directory under its working name. Safe for several threads. */
    final class Draft {
        private final Container container;
        private boolean settled;

        private Draft(Container container) {
            this.container = container;
        }

        /** With the final name, and the directory of now. */
        Container container() {
            return container;
        }

        /** Where it will lie. */
        Path place() {
            return root.resolve(container.name().value());
        }

        /** Gives it its name. */
        synchronized Container publish() throws PluralityException {
            if (settled) {
                throw new IllegalStateException("published or discarded already");
            }
            Path place = place();
            try {
                Files.move(container.directory(), place, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                if (Files.exists(place)) {
                    throw taken(container.name());
                }
                throw unusable("cannot create " + container.name() + " in " + root, e);
            }
            settled = true;
            return new Container(container.name(), place);
        }

        /**
         * Removes what there is, unless it was published. May be called while a program that was just killed still writes; what cannot be removed
         * now is when a next container is made.
         */
        synchronized void discardQuietly() {
            for (int attempt = 0; !settled && attempt < 10; attempt++) {
                try {
                    DurableFiles.deleteTree(container.directory());
                    settled = true;
                } catch (IOException e) {
                    // Again: something was written meanwhile.
                }
            }
            settled = true;
        }
    }

    /** @throws PluralityException (NOT_FOUND) when there is none of that name */
    public Container find(ContainerName name) throws PluralityException {
        Container container = new Container(name, root.resolve(name.value()));
        if (!Files.isDirectory(container.directory())) {
            throw new PluralityException(
                    FailureKind.NOT_FOUND,
                    "cannot find the container " + name + ": there is none of that name in " + root,
                    "'plurality list' shows what there is, 'plurality create IMAGE " + name + "' makes one");
        }
        return container;
    }

    /** All of them, by name. */
    public List<Container> list() throws PluralityException {
        List<Container> containers = new ArrayList<>();
        try (DirectoryStream<Path> children = Files.newDirectoryStream(root)) {
            for (Path child : children) {
                String name = String.valueOf(child.getFileName());
                if (ContainerName.isName(name) && Files.isDirectory(child)) {
                    containers.add(new Container(new ContainerName(name), child));
                }
            }
        } catch (NoSuchFileException e) {
            return containers;
        } catch (DirectoryIteratorException e) {
            throw unusable("cannot list the containers in " + root, new IOException(e));
        } catch (IOException e) {
            throw unusable("cannot list the containers in " + root, e);
        }
        containers.sort((a, b) -> a.name().compareTo(b.name()));
        return containers;
    }

    /**
     * Begins a container. Removes the work of processes that were killed, too.
     *
     * @throws PluralityException (USAGE) when the name is taken; (STORAGE) when the directory is another's, or others may write there
     */
    Draft begin(ContainerName name) throws PluralityException {
        if (Files.exists(root.resolve(name.value()))) {
            throw taken(name);
        }
        try {
            Files.createDirectories(root, RunDirectories.PRIVATE);
            requireOwn();
            sweep();
            Path work = workName();
            Files.createDirectory(work, RunDirectories.PRIVATE);
            return new Draft(new Container(name, work));
        } catch (IOException e) {
            throw unusable("cannot create " + name + " in " + root, e);
        }
    }

    /** Who may write there could put a container of their own in the place of one of the caller's. */
    private void requireOwn() throws IOException, PluralityException {
        if (RunDirectories.owner(root.toRealPath()) != UserIds.current().uid()) {
            throw new PluralityException(
                    FailureKind.STORAGE,
                    "cannot make a container in " + root + ": it is not yours",
                    "name another directory with PLURALITY_CONTAINERS");
        }
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(root);
        if (mode.contains(PosixFilePermission.GROUP_WRITE) || mode.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new PluralityException(
                    FailureKind.STORAGE,
                    "cannot make a container in " + root + ": others may write there",
                    "chmod go-w " + root);
        }
    }

    /** Removes a container, which does not run. Once this has begun there is none of that name. */
    void remove(Container container) throws PluralityException {
        try {
            sweep();
            Path work = workName();
            Files.move(container.directory(), work, StandardCopyOption.ATOMIC_MOVE);
            DurableFiles.deleteTree(work);
        } catch (NoSuchFileException e) {
            // Somebody else removes it.
        } catch (IOException e) {
            throw new PluralityException(
                    FailureKind.STORAGE,
                    "cannot delete " + container.name() + ": " + PluralityException.reasonOf(e),
                    "look into " + root + " with 'ls -lA'; what begins with '.work' there may be removed",
                    e);
        }
    }

    /** Removes the work of processes of this host that have ended. */
    private void sweep() throws IOException {
        List<Path> left = new ArrayList<>();
        try (DirectoryStream<Path> children = Files.newDirectoryStream(root, WORK + "*")) {
            children.forEach(left::add);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        for (Path work : left) {
            if (hasEnded(String.valueOf(work.getFileName()))) {
                DurableFiles.deleteTree(work);
            }
        }
    }

    private Path workName() throws IOException {
        ProcessIdentity me = ProcessIdentity.current();
        return root.resolve(WORK
                + String.join(
                        "~",
                        me.host(),
                        me.bootId(),
                        Long.toString(me.pid()),
                        Long.toString(me.startTicks()),
                        Long.toHexString(ThreadLocalRandom.current().nextLong())));
    }

    private static boolean hasEnded(String name) throws IOException {
        String[] parts = name.substring(WORK.length()).split("~", -1);
        try {
            return parts.length == 5
                    && new ProcessIdentity(
                                            parts[0],
                                            parts[1],
                                            Long.parseLong(parts[2]),
                                            Long.parseLong(parts[3]),
                                            "",
                                            -1)
                                    .liveness()
                            == ProcessIdentity.Liveness.ENDED;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private PluralityException taken(ContainerName name) {
        return new PluralityException(
                FailureKind.USAGE,
                "cannot create " + name + ": there is a container of that name in " + root,
                "choose another name, or remove that one first: plurality delete " + name);
    }

    static PluralityException unusable(String action, IOException cause) {
        return new PluralityException(
                FailureKind.STORAGE,
                action + ": " + PluralityException.reasonOf(cause),
                "free space there, or name another directory with PLURALITY_CONTAINERS or 'containers' in plurality.toml",
                cause);
    }
}
