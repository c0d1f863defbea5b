// SPDX-License-Identifier: Apache-2.0
package org.plurality.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.plurality.jobs.JobState.FAILED;
import static org.plurality.jobs.JobState.RELEASED;
import static org.plurality.jobs.JobState.STAGED;
import static org.plurality.jobs.JobState.STAGING;
import static org.plurality.jobs.JobState.WAITING;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobStateTest {
    private static final Map<JobState, Set<JobState>> ALLOWED = Map.of(
            WAITING, Set.of(STAGING),
            STAGING, Set.of(WAITING, STAGED, FAILED),
            STAGED, Set.of(RELEASED),
            RELEASED, Set.of(),
            FAILED, Set.of(WAITING));

    @Test
    void aRecordMakesTheTransitionsOfTheTableAndNoOthers(@TempDir Path directory) throws Exception {
        for (JobState from : JobState.values()) {
            for (JobState to : JobState.values()) {
                Path place = Files.createDirectories(directory.resolve(from + "-" + to));
                Files.writeString(place.resolve("state"), from.word());
                JobRecord record = new JobRecord(place);

                boolean done = record.become(to);

                assertThat(done)
                        .as("%s to %s", from, to)
                        .isEqualTo(ALLOWED.getOrDefault(from, Set.of()).contains(to));
                assertThat(record.state()).contains(done ? to : from);
            }
        }
    }

    @Test
    void wordsLeadBackToTheirStates() {
        for (JobState state : JobState.values()) {
            assertThat(JobState.of(state.word())).contains(state);
        }
        assertThat(JobState.of("WAITING")).isEmpty();
        assertThat(JobState.of("")).isEmpty();
    }

    @Test
    void aRemovedRecordBecomesNothing(@TempDir Path directory) throws Exception {
        JobRecord record = new JobRecord(directory.resolve("gone"));

        assertThat(record.become(STAGING)).isFalse();
        assertThat(directory).isEmptyDirectory();
    }
}
