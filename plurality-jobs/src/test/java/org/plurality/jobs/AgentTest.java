// SPDX-License-Identifier: Apache-2.0
package org.plurality.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent with a server in memory, and a user's program that is a script. */
class AgentTest {
    @TempDir
    Path directory;

    private final Server server = new Server();
    private Path root;
    private Spool spool;

    @BeforeEach
    void setUp() throws IOException {
        root = Files.createDirectories(directory.resolve("spool"));
        spool = new Spool(root, InstantSource.system());
        program("[ \"$1\" != pull ] || echo sha256:1 /somewhere\n");
    }

    @Test
    void aJobIsStagedInAndReleased() throws Exception {
        JobRecord record = request(1);

        agent().run();

        assertThat(record.state()).contains(JobState.RELEASED);
        assertThat(record.job()).contains("1.server");
        assertThat(server.holds.get("1.server")).isEmpty();
        assertThat(root.resolve(tag(1)).resolve("digests")).hasContent("sha256:1\n");
        assertThat(root.resolve("agent")).doesNotExist();
    }

    @Test
    void otherHoldsAreLeftAlone() throws Exception {
        request(1);
        server.holds.put("1.server", "so");

        agent().run();

        assertThat(server.holds).containsEntry("1.server", "s");
    }

    @Test
    void aFailureIsAHoldOfTheUserAndStagingBeginsAgainOnceThatIsTakenOff() throws Exception {
        JobRecord record = request(1);
        program("echo 'plurality-stagein: cannot fetch x: no network' >&2; echo 'hint: wait' >&2; exit 5\n");

        agent().run();

        assertThat(record.state()).contains(JobState.FAILED);
        assertThat(server.holds).containsEntry("1.server", "u");
        assertThat(server.comments.get("1.server"))
                .isEqualTo("plurality: cannot fetch x: no network; hint: wait; 'qrls 1' tries again");
        program("echo sha256:2 /somewhere\n");
        wakeAll();
        agent().run();
        assertThat(record.state()).as("as long as its user does nothing").contains(JobState.FAILED);

        server.release("1.server", "u");
        wakeAll();
        agent().run();

        assertThat(record.state()).contains(JobState.RELEASED);
        assertThat(server.holds).containsEntry("1.server", "");
    }

    @Test
    void whatAnAgentLeftInTheMiddleIsBegunAgain() throws Exception {
        JobRecord record = request(1);
        record.setJob("1.server");
        record.become(JobState.STAGING);
        record.setWorker("4194305 1");

        agent().run();

        assertThat(record.state()).contains(JobState.RELEASED);
    }

    @Test
    void aHoldThatCouldNotBeTakenOffIsTakenOffByTheNextAgent() throws Exception {
        JobRecord record = request(1);
        server.releases = false;
        agent().run();
        assertThat(record.state()).contains(JobState.STAGED);
        server.releases = true;

        agent().run();

        assertThat(record.state()).contains(JobState.RELEASED);
    }

    @Test
    void recordsOfJobsThatAreOverGoAndOthersStay() throws Exception {
        JobRecord over = request(1);
        JobRecord alive = request(2);
        agent().run();
        server.holds.remove("1.server");

        agent().run();

        assertThat(over.exists()).isFalse();
        assertThat(alive.exists()).isTrue();
    }

    @Test
    void nothingGoesWhileTheServerDoesNotAnswer() throws Exception {
        JobRecord record = request(1);
        agent().run();
        server.holds.remove("1.server");
        server.answers = false;

        agent().run();

        assertThat(record.exists()).isTrue();
    }

    @Test
    void aJobThatTheServerRefusedLeavesNothing() throws Exception {
        JobRecord record = request(1);
        server.holds.remove("1.server");

        new Agent(server, spool, stager(), 4, 16, Duration.ZERO).run();

        assertThat(record.exists()).isFalse();
    }

    @Test
    void placesBoundWhatIsDoneAtOnceForOneUserAndForAll() throws Exception {
        Path running = Files.createDirectories(directory.resolve("running"));
        Path most = directory.resolve("most");
        program("touch " + running + "/$$; ls " + running + " | wc -l >>" + most + "; sleep 0.1; rm " + running
                + "/$$; echo sha256:1 /x\n");
        for (int number = 1; number <= 8; number++) {
            request(number);
        }

        new Agent(server, spool, stager(), 3, 2, Duration.ofMinutes(1)).run();

        List<String> seen = Files.readAllLines(most);
        assertThat(seen).hasSize(8).allMatch(count -> Integer.parseInt(count.strip()) <= 2);
    }

    @Test
    void asManyAsTenThousandThatWaitAreLookedThroughByOneQuestion() throws Exception {
        for (int number = 1; number <= 10_000; number++) {
            JobRecord record = request(number);
            record.setJob(number + ".server");
            Files.writeString(root.resolve(tag(number)).resolve("state"), "released");
        }

        agent().run();

        assertThat(server.questions).isEqualTo(1);
    }

    private Agent agent() {
        return new Agent(server, spool, stager(), 4, 16, Duration.ofMinutes(1));
    }

    private Stager stager() {
        return new Stager(server, spool, new UserProcess(directory, 0));
    }

    private void wakeAll() throws IOException {
        Files.createDirectories(root.resolve("wake"));
        Files.writeString(root.resolve("wake/all"), "");
    }

    private static String tag(int number) {
        return String.format("%032x", number);
    }

    private JobRecord request(int number) throws IOException {
        Path place = Files.createDirectories(root.resolve(tag(number)));
        Files.writeString(place.resolve("user"), System.getProperty("user.name"));
        Files.writeString(place.resolve("images"), "registry.example/x:1\0");
        Files.writeString(place.resolve("state"), "waiting");
        server.holds.put(number + ".server", "o");
        server.tags.put(tag(number), number + ".server");
        return spool.record(tag(number));
    }

    private void program(String text) throws IOException {
        Path program = Files.createDirectories(directory.resolve("libexec")).resolve("stage-as-user");
        Files.writeString(program, "#!/bin/sh\n" + text);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Its jobs are those that have an entry in `holds`. */
    private static final class Server implements Scheduler {
        final Map<String, String> holds = new ConcurrentHashMap<>();
        final Map<String, String> tags = new ConcurrentHashMap<>();
        final Map<String, String> comments = new ConcurrentHashMap<>();
        volatile boolean answers = true;
        volatile boolean releases = true;
        volatile int questions;

        @Override
        public Optional<Map<String, String>> find(String user, Collection<String> wanted, Set<String> known) {
            Map<String, String> found = new HashMap<>(tags);
            found.keySet().retainAll(wanted);
            found.values().retainAll(holds.keySet());
            return answers ? Optional.of(found) : Optional.empty();
        }

        @Override
        public synchronized Optional<Set<String>> all() {
            questions++;
            return answers ? Optional.of(new HashSet<>(holds.keySet())) : Optional.empty();
        }

        @Override
        public synchronized Fate fate(String job) {
            questions++;
            return !answers ? Fate.UNKNOWN : holds.containsKey(job) ? Fate.LIVES : Fate.OVER;
        }

        @Override
        public Optional<String> holds(String job) {
            return Optional.ofNullable(holds.get(job));
        }

        @Override
        public boolean hold(String job, String types) {
            return holds.computeIfPresent(job, (any, held) -> held.replaceAll("[" + types + "]", "") + types) != null;
        }

        @Override
        public boolean release(String job, String types) {
            return releases
                    && holds.computeIfPresent(job, (any, held) -> held.replaceAll("[" + types + "]", "")) != null;
        }

        @Override
        public boolean comment(String job, String text) {
            comments.put(job, text);
            return true;
        }
    }
}
