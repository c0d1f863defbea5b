package org.plurality.pull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.plurality.cache.RootfsKind;
import org.plurality.failure.PluralityException;
import org.plurality.squashfs.SquashfsTools;

/**
 * How images are kept where nobody says: as one file on a parallel or network filesystem, whose metadata server a tree of small files would
 * keep busy, as a directory elsewhere and where this machine could not make or mount a squashfs.
 */
public final class KindChoice {
    /** As {@code /proc/mounts} names them. */
    public static final Set<String> SHARED_FILESYSTEMS = Set.of(
            "9p",
            "afs",
            "beegfs",
            "ceph",
            "cifs",
            "dvs",
            "fhgfs",
            "fuse.beegfs",
            "fuse.ceph-fuse",
            "fuse.glusterfs",
            "fuse.juicefs",
            "fuse.lizardfs",
            "fuse.moosefs",
            "fuse.quobyte",
            "fuse.sshfs",
            "fuse.weka",
            "gfs2",
            "gpfs",
            "lustre",
            "mmfs",
            "nfs",
            "nfs3",
            "nfs4",
            "ocfs2",
            "orangefs",
            "panfs",
            "pvfs2",
            "smb3",
            "wekafs");

    private KindChoice() {}

    /**
     * @param directory that is there
     * @param more filesystems to take for shared ones
     */
    public static RootfsKind of(Path directory, List<String> more, SquashfsTools tools) throws PluralityException {
        String filesystem;
        try {
            filesystem = Files.getFileStore(directory).type().toLowerCase(Locale.ROOT);
        } catch (IOException e) {
            throw PluralityException.storage("cannot tell the filesystem of " + directory, e);
        }
        boolean isShared = SHARED_FILESYSTEMS.contains(filesystem) || more.contains(filesystem);
        return isShared && tools.areComplete() ? RootfsKind.SQUASHFS : RootfsKind.DIR;
    }
}
