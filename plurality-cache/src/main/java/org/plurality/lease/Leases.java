package org.plurality.lease;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.plurality.cache.CacheLayout;
import org.plurality.cache.InheritedAccess;
import org.plurality.failure.PluralityException;
import org.plurality.process.ProcessIdentity;
import org.plurality.reference.Digest;

/**
 * The leases in one cache.
 *
 * <p>Taking one that is there already, from another node of the same job, is a no-op. A lease is visible before {@link #take} returns, so
 * who takes it first and reads the entry then is never overtaken by a collector that looks at leases last.
 */
public final class Leases {
    private static final String SUFFIX = ".json";

    private final CacheLayout layout;

    public Leases(CacheLayout layout) {
        this.layout = layout;
    }

    /**
     * One mkdir at most and one exclusive create.
     *
     * @throws PluralityException (STORAGE) when this user may not write there
     */
    public void take(Lease lease) throws PluralityException {
        Path directory = layout.leases(lease.digest());
        try {
            byte[] document = lease.toJson();
            try {
                write(file(directory, lease.id()), document);
            } catch (NoSuchFileException e) {
                InheritedAccess.createDirectories(directory);
                write(file(directory, lease.id()), document);
            }
        } catch (FileAlreadyExistsException e) {
            // Another node of the job was first.
        } catch (IOException e) {
            throw PluralityException.storage("cannot take a lease in " + directory, e);
        }
    }

    /** @return whether there was one */
    public boolean release(Digest digest, LeaseId id) throws PluralityException {
        try {
            return Files.deleteIfExists(file(layout.leases(digest), id));
        } catch (IOException e) {
            throw PluralityException.storage("cannot release the lease " + id, e);
        }
    }

    /**
     * The leases of an image, by id.
     *
     * @throws PluralityException (STORAGE) when a file cannot be read as one; the message names it
     */
    public List<Lease> of(Digest digest) throws PluralityException {
        List<Lease> leases = new ArrayList<>();
        Path directory = layout.leases(digest);
        try {
            for (String name : names(directory)) {
                try {
                    LeaseId id = new LeaseId(name.substring(0, name.length() - SUFFIX.length()));
                    leases.add(Lease.parse(id, Files.readAllBytes(directory.resolve(name))));
                } catch (NoSuchFileException e) {
                    // Released at this moment.
                } catch (IllegalArgumentException e) {
                    throw new IOException(name + " is no lease's name", e);
                } catch (IOException e) {
                    throw new IOException(name + ": " + PluralityException.reasonOf(e), e);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw PluralityException.storage("cannot read the leases of " + digest, new IOException(e));
        } catch (IOException e) {
            throw PluralityException.storage("cannot read the leases of " + digest, e);
        }
        return leases;
    }

    /**
     * Removes the leases of processes that have ended on this host, and returns the others. What cannot be told stays.
     */
    public List<Lease> reapEndedProcesses(Digest digest) throws PluralityException {
        List<Lease> living = new ArrayList<>();
        for (Lease lease : of(digest)) {
            if (hasEnded(lease)) {
                release(digest, lease.id());
            } else {
                living.add(lease);
            }
        }
        return living;
    }

    private static boolean hasEnded(Lease lease) {
        if (!(lease.holder() instanceof Holder.LocalProcess process)) {
            return false;
        }
        try {
            return process.identity().liveness() == ProcessIdentity.Liveness.ENDED;
        } catch (IOException e) {
            return false;
        }
    }

    private static List<String> names(Path directory) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                if (name.endsWith(SUFFIX)) {
                    names.add(name);
                }
            }
        } catch (NoSuchFileException e) {
            return names;
        }
        names.sort(null);
        return names;
    }

    /** A lease that could not be written whole would hold its image for ever: nobody could read whose it is. */
    private static void write(Path file, byte[] document) throws IOException {
        try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            try {
                InheritedAccess.shareFile(file);
                out.write(document);
            } catch (IOException e) {
                Files.deleteIfExists(file);
                throw e;
            }
        }
    }

    private static Path file(Path directory, LeaseId id) {
        return directory.resolve(id.value() + SUFFIX);
    }
}
