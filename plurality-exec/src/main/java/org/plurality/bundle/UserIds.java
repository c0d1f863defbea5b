// SPDX-License-Identifier: Apache-2.0
package org.plurality.bundle;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The effective ids of this process, on the host.
 *
 * @param uid user id
 * @param gid primary group id
 */
public record UserIds(long uid, long gid) {

    /** Reads {@code /proc/self/status}, whose {@code Uid:} and {@code Gid:} lines have real, effective, saved and filesystem id. */
    public static UserIds current() throws IOException {
        String status = new String(Files.readAllBytes(Path.of("/proc/self/status")), StandardCharsets.ISO_8859_1);
        return new UserIds(effective(status, "\nUid:"), effective(status, "\nGid:"));
    }

    private static long effective(String status, String label) throws IOException {
        int start = status.indexOf(label);
        int end = status.indexOf('\n', start + 1);
        if (start < 0 || end < 0) {
            throw new IOException("/proc/self/status has no line" + label.replace('\n', ' '));
        }
        return Long.parseLong(
                status.substring(start + label.length(), end).strip().split("\t", -1)[1]);
    }
}
