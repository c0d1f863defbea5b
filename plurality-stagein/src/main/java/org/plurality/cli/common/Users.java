// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli.common;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import org.plurality.lease.FoundLease;

/** Users by name, as the filesystem's files have them. */
public final class Users {
    private Users() {}

    /** Of who made the lease; the number where there is no name for it, or no file any more. */
    public static String name(FoundLease lease) {
        try {
            return Files.getOwner(lease.file(), LinkOption.NOFOLLOW_LINKS).getName();
        } catch (IOException e) {
            return Long.toString(lease.uid());
        }
    }
}
