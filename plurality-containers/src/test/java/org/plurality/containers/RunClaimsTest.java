// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.bundle.UserIds;
import org.plurality.config.Settings;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.process.ProcessIdentity;

class RunClaimsTest {
    @TempDir
    Path root;

    private Container container;
    private RunDirectories directories;
    private RunClaims runs;

    @BeforeEach
    void makeContainer() throws Exception {
        container = new Container(new ContainerName("echo"), Files.createDirectory(root.resolve("echo")));
        Map<String, String> environment =
                Map.of("PLURALITY_RUN_DIR", root.resolve("run").toString(), "HOME", root.toString());
        directories = RunDirectories.of(Settings.load(environment), environment, UserIds.current());
        runs = new RunClaims(directories);
    }

    @Test
    void oneThatNeverRanIsCreated() throws Exception {
        assertThat(runs.state(container)).isEqualTo(new RunState.Created());
    }

    @Test
    void oneWhoseKeeperLivesRuns() throws Exception {
        RunRecord run = record(ProcessIdentity.current());
        runs.claim(container, run);
        assertThat(runs.state(container))
                .isEqualTo(new RunState.Running(0, run.process().pid(), true, run.startedAt()));
        assertThatThrownBy(() -> runs.claim(container, run)).hasMessageContaining("it runs already");
    }

    @Test
    void oneWhoseKeeperWasKilledRunsWhileItsFirstProcessLives() throws Exception {
        ProcessIdentity me = ProcessIdentity.current();
        RunRecord run = record(ended(me));
        runs.claim(container, run);
        noteInit(run, me.pid(), me.startTicks());
        assertThat(runs.state(container)).isEqualTo(new RunState.Running(me.pid(), 0, true, run.startedAt()));
    }

    @Test
    void aPidThatAnotherProcessHasAfterAReboot() throws Exception {
        ProcessIdentity me = ProcessIdentity.current();
        RunRecord run = record(new ProcessIdentity(
                me.host(), "an-earlier-boot", me.pid(), me.startTicks(), me.pidNamespace(), me.uid()));
        runs.claim(container, run);
        noteInit(run, me.pid(), me.startTicks());
        assertThat(runs.state(container)).isEqualTo(new RunState.Exited(null));
        runs.claim(container, record(me));
        assertThat(runs.state(container)).isInstanceOf(RunState.Running.class);
    }

    @Test
    void aPidThatAnotherProcessHasByNowIsNotTheContainer() throws Exception {
        ProcessIdentity me = ProcessIdentity.current();
        RunRecord run = record(ended(me));
        runs.claim(container, run);
        noteInit(run, me.pid(), me.startTicks() + 1);
        Files.writeString(container.exitFile(), "3\n");
        assertThat(runs.state(container)).isEqualTo(new RunState.Exited(3));
    }

    @Test
    void oneOfAnotherHostIsElsewhereAndMayNotBeTaken() throws Exception {
        ProcessIdentity me = ProcessIdentity.current();
        RunRecord run = record(new ProcessIdentity("node7", me.bootId(), me.pid(), me.startTicks(), "", me.uid()));
        runs.claim(container, run);
        assertThat(runs.state(container)).isEqualTo(new RunState.Elsewhere("node7", run.startedAt()));
        assertThatThrownBy(() -> runs.claim(container, record(me)))
                .hasMessageContaining("it runs on node7")
                .satisfies(e -> assertThat(((PluralityException) e).hint()).contains("plurality stop --forget echo"));
        runs.forget(container);
        runs.claim(container, record(me));
    }

    @Test
    void oneThatHasEndedOnAnotherHostCanBeTaken() throws Exception {
        ProcessIdentity me = ProcessIdentity.current();
        runs.claim(
                container, record(new ProcessIdentity("node7", me.bootId(), me.pid(), me.startTicks(), "", me.uid())));
        Instant claimed = Files.getLastModifiedTime(container.runFile(1)).toInstant();
        Files.writeString(container.exitFile(), "4\n");
        Files.setLastModifiedTime(container.exitFile(), FileTime.from(claimed.minusSeconds(9)));
        assertThat(runs.state(container)).as("status of an earlier run").isInstanceOf(RunState.Elsewhere.class);
        Files.setLastModifiedTime(container.exitFile(), FileTime.from(claimed.plusSeconds(1)));
        assertThat(runs.state(container)).isEqualTo(new RunState.Exited(4));
        runs.claim(container, record(me));
        assertThat(runs.state(container)).isInstanceOf(RunState.Running.class);
    }

    @Test
    void aRecordThatIsNoneIsSaidToBe() throws Exception {
        Files.writeString(container.runFile(1), "{\"format\":1,");
        assertThatThrownBy(() -> runs.state(container)).hasMessageStartingWith("cannot read " + container.runFile(1));
    }

    @Test
    void ofManyThatTakeAnEndedContainerOneSucceeds() throws Exception {
        runs.claim(container, record(ended(ProcessIdentity.current())));
        Callable<Boolean> attempt = () -> {
            try {
                runs.claim(container, record(ProcessIdentity.current()));
                return true;
            } catch (PluralityException e) {
                assertThat(e.kind()).isEqualTo(FailureKind.BUSY);
                return false;
            }
        };
        int won = 0;
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<Boolean>> attempts = threads.invokeAll(java.util.Collections.nCopies(32, attempt));
            for (Future<Boolean> one : attempts) {
                won += one.get() ? 1 : 0;
            }
        }
        assertThat(won).isEqualTo(1);
        assertThat(container.directory().toFile().list()).containsExactlyInAnyOrder("run-1.json", "run-2.json");
    }

    @Test
    void afterAReleasedClaimTheLastRunCountsAgain() throws Exception {
        runs.claim(container, record(ended(ProcessIdentity.current())));
        runs.release(container, runs.claim(container, record(ProcessIdentity.current())));
        assertThat(runs.state(container)).isEqualTo(new RunState.Exited(null));
        runs.claim(container, record(ProcessIdentity.current()));
        assertThat(runs.state(container)).isInstanceOf(RunState.Running.class);
    }

    @Test
    void recordsOfRunsDoNotPileUp() throws Exception {
        for (int i = 0; i < 5; i++) {
            runs.claim(container, record(ended(ProcessIdentity.current())));
        }
        assertThat(container.directory().toFile().list()).containsExactlyInAnyOrder("run-4.json", "run-5.json");
    }

    private RunRecord record(ProcessIdentity process) {
        return new RunRecord(process, true, directories.of(container), RunClaims.now());
    }

    private static ProcessIdentity ended(ProcessIdentity like) {
        return new ProcessIdentity(like.host(), like.bootId(), 4194305, 1, like.pidNamespace(), like.uid());
    }

    private void noteInit(RunRecord run, long pid, long startTicks) throws IOException {
        Path state = RunDirectories.runtimeState(run.runDirectory(), container.name());
        Files.createDirectories(state.resolveSibling("."));
        Files.writeString(state, "{\"init_process_pid\":" + pid + ",\"init_process_start\":" + startTicks + "}");
    }
}
