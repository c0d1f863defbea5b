// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PasswdFileTest {
    private static final String ME = "me:x:1000:100:Me:/home/me:/bin/zsh";

    @Test
    void unknownUserIsAdded() {
        assertThat(PasswdFile.with("root:x:0:0:root:/root:/bin/sh\n", ME, 1000))
                .isEqualTo("root:x:0:0:root:/root:/bin/sh\n" + ME + "\n");
        assertThat(PasswdFile.with("", ME, 1000)).isEqualTo(ME + "\n");
        assertThat(PasswdFile.with("root:x:0:0::/:/bin/sh", ME, 1000)).endsWith("/bin/sh\n" + ME + "\n");
    }

    @Test
    void idThatTheImageKnowsUnderAnotherNameIsTheUsersWithTheShellOfTheImage() {
        assertThat(PasswdFile.with(
                        "root:x:0:0::/root:/bin/sh\nubuntu:x:1000:1000:U:/home/ubuntu:/bin/bash\n", ME, 1000))
                .isEqualTo("root:x:0:0::/root:/bin/sh\nme:x:1000:100:Me:/home/me:/bin/bash\n");
    }

    @Test
    void nameThatTheImageHasForAnotherIdIsTheUsersFirst() {
        assertThat(PasswdFile.with("me:x:7:7::/:/bin/sh\n", ME, 1000)).isEqualTo(ME + "\nme:x:7:7::/:/bin/sh\n");
    }

    @Test
    void groupKeepsTheMembersThatTheImageHas() {
        assertThat(PasswdFile.with("users:x:100:games,www\n", "staff:x:100:", 100))
                .isEqualTo("staff:x:100:games,www\n");
    }
}
