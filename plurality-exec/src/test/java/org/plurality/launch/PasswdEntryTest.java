// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.bundle.UserIds;

class PasswdEntryTest {
    @TempDir
    private Path directory;

    private PasswdEntry.Sources sources = PasswdEntry.Sources.host();
    private Path kept = Path.of("/");

    @BeforeEach
    void makeHost() throws IOException {
        Path files = Files.createDirectories(directory.resolve("etc"));
        kept = Files.createDirectories(directory.resolve("run"));
        Files.writeString(
                files.resolve("passwd"),
                "root:x:0:0:root:/root:/bin/bash\nlocal:x:500:50:Me,,,:/home/local:/bin/zsh\n");
        Files.writeString(files.resolve("group"), "root:x:0:\nstaff:x:50:\n");
        Path getent = directory.resolve("getent");
        Files.writeString(getent, "#!/bin/sh\necho asked >>" + directory.resolve("log") + """

                case "$1 $2" in
                  'passwd 9001') echo 'ldap:*:9001:9000:From Afar:/home/ldap:/bin/tcsh' ;;
                  'group 9000') echo 'project:*:9000:ldap,other' ;;
                  *) exit 2 ;;
                esac
                """);
        Files.setPosixFilePermissions(getent, PosixFilePermissions.fromString("rwx------"));
        sources = new PasswdEntry.Sources(files, getent.toString());
    }

    @Test
    void usersOfTheHostsOwnFilesNeedNoNameService() throws IOException {
        assertThat(PasswdEntry.of(new UserIds(500, 50), kept, "nobody", sources))
                .isEqualTo(new PasswdEntry("local", "staff", "Me,,,", "/bin/zsh"));
        assertThat(directory.resolve("log")).doesNotExist();
        assertThat(kept).isEmptyDirectory();
    }

    @Test
    void nameServiceIsAskedOnceForANode() throws IOException {
        for (int rank = 0; rank < 3; rank++) {
            assertThat(PasswdEntry.of(new UserIds(9001, 9000), kept, "nobody", sources))
                    .isEqualTo(new PasswdEntry("ldap", "project", "From Afar", "/bin/tcsh"));
        }
        assertThat(Files.readAllLines(directory.resolve("log"))).hasSize(2);
    }

    @Test
    void userWhomNobodyKnowsKeepsTheNameThatTheProcessHas() throws IOException {
        assertThat(PasswdEntry.of(new UserIds(7, 7), kept, "nobody", sources))
                .isEqualTo(new PasswdEntry("nobody", "nobody", "", "/bin/sh"));
        assertThat(kept).isEmptyDirectory();
        PasswdEntry.Sources none = new PasswdEntry.Sources(directory, "/nonexistent");
        assertThat(PasswdEntry.of(new UserIds(7, 7), kept, "nobody", none).user())
                .isEqualTo("nobody");
    }
}
