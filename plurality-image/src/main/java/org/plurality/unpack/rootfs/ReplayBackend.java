// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import org.jspecify.annotations.Nullable;
import org.plurality.posix.ByteString;
import org.plurality.reference.Digest;

/** No disk: a tree is made of entries that were read before, and its files remember which. */
final class ReplayBackend implements RootfsBackend {
    private static final ByteString EMPTY_SHA256 =
            ByteString.copyOf(Digest.Algorithm.SHA256.newMessageDigest().digest());

    private @Nullable LoggedEntry current;

    /** The entry that is applied next; null for what no layer has. */
    void current(@Nullable LoggedEntry entry) {
        current = entry;
    }

    @Override
    public void makeFile(Node.Directory parent, ByteString name, Inode.RegularFile file, Contents contents) {
        LoggedEntry source = current;
        if (source == null) {
            file.digested(EMPTY_SHA256);
            return;
        }
        file.readFrom(source);
        ByteString sha256 = source.sha256();
        if (sha256 != null) {
            file.digested(sha256);
        }
    }

    @Override
    public void makeDirectory(Node.Directory parent, ByteString name) {}

    @Override
    public void makeSymbolicLink(Node.Directory parent, ByteString name, Inode.SymbolicLink link) {}

    @Override
    public void makeHardLink(Node.Leaf existing, Node.Directory parent, ByteString name) {}

    @Override
    public void removeDirectory(Node.Directory directory) {}

    @Override
    public void removeLeaf(Node.Leaf leaf) {}

    @Override
    public void settle() {}
}
