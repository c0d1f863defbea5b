// SPDX-License-Identifier: Apache-2.0
package org.plurality.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.plurality.json.JsonObject;
import org.plurality.process.ProcessIdentity.Liveness;

class ProcessIdentityTest {
    private final ProcessIdentity self;

    ProcessIdentityTest() throws IOException {
        self = ProcessIdentity.current();
    }

    @Test
    void thisProcessLivesAndReadsBackEqual() throws Exception {
        assertThat(self.liveness()).isEqualTo(Liveness.ALIVE);
        assertThat(self.pidNamespace()).startsWith("pid:");
        assertThat(ProcessIdentity.read(JsonObject.parse(JsonObject.write(self::write))))
                .isEqualTo(self);
    }

    @Test
    void processThatWasWaitedForHasEnded() throws Exception {
        Process child = new ProcessBuilder("/bin/sleep", "60").start();
        ProcessIdentity identity = ProcessIdentity.of(child.pid());
        assertThat(identity.liveness()).isEqualTo(Liveness.ALIVE);
        child.destroyForcibly().waitFor();
        assertThat(identity.liveness()).isEqualTo(Liveness.ENDED);
    }

    @Test
    void nothingIsSaidOfProcessesThatCannotBeSeen() throws Exception {
        assertThat(new ProcessIdentity("other", self.bootId(), 1, 1, "", 0).liveness())
                .isEqualTo(Liveness.UNKNOWN);
        assertThat(new ProcessIdentity(self.host(), self.bootId(), 4_194_305, 1, "pid:[1]", 0).liveness())
                .isEqualTo(Liveness.UNKNOWN);
        assertThat(new ProcessIdentity(self.host(), "an earlier boot", 1, 1, "pid:[1]", 0).liveness())
                .isEqualTo(Liveness.ENDED);
    }
}
