// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.cache.Cache;
import org.plurality.cache.CacheAccess;
import org.plurality.cache.DurableFiles;
import org.plurality.cache.SampleEntry;
import org.plurality.json.JsonObject;
import org.plurality.lease.Holder;
import org.plurality.lease.Lease;
import org.plurality.lease.LeaseId;
import org.plurality.lease.Leases;
import org.plurality.lease.Taken;
import org.plurality.process.ProcessIdentity;
import org.plurality.reference.Digest;

/**
 * The contract for taking a lease, case by case: {@code tests/lease-cases.txt}. Its errnos are for {@code
 * tests/lease-faults.bats}.
 */
class LeaseCasesTest {
    private static final Digest IMAGE = SampleEntry.digest("one");
    private static final LeaseId ID = new LeaseId("slurm-8");
    private static final byte[] OTHER = "other".getBytes(StandardCharsets.UTF_8);

    /** Neither this user, nor root, nor the owner of the cache. */
    private static final int STRANGER = 4_000_000;

    private static final int OWNER = 4_000_001;

    @TempDir
    private Path directory;

    @Test
    void theNameIsMadeFromTheHolder() throws Exception {
        int cases = 0;
        for (String[] fields : cases("id")) {
            assertThat(job(fields).lease().value()).isEqualTo(fields[1]);
            cases++;
        }
        assertThat(cases).isGreaterThan(5);
    }

    @Test
    void theDocumentNamesTheHolder() throws Exception {
        int cases = 0;
        for (String[] fields : cases("document")) {
            Holder holder = job(fields).holder();
            assertThat(new String(JsonObject.write(holder::write), StandardCharsets.UTF_8).replaceAll("\\s", ""))
                    .isEqualTo(fields[1]);
            cases++;
        }
        assertThat(cases).isGreaterThan(3);
    }

    @Test
    void whatHasTheNameAlreadyIsTheLeaseOrIsReplacedOrGivesWay() throws Exception {
        // Only root can make files of other users.
        assumeThat(CacheAccess.self()).isZero();
        int cases = 0;
        for (String[] fields : cases("present")) {
            Cache cache = Cache.openOrCreate(directory.resolve("cache"));
            Files.setAttribute(cache.layout().root(), "unix:uid", OWNER);
            Path leases = Files.createDirectories(cache.layout().leases(IMAGE));
            String[] present = fields[1].split("\\+", -1);
            make(present[0], leases.resolve(ID + ".json"));
            if (present.length > 1) {
                make(present[1], leases.resolve(ID + "-u0.json"));
            }
            Taken taken =
                    new Leases(cache.layout()).take(new Lease(ID, IMAGE, new Holder.PbsJob("8"), "u", Instant.EPOCH));
            String pattern = fields[2]
                    .replaceFirst("^ID", ID.value())
                    .replace("-uUID", "-u0")
                    .replace("-UUID", "-[0-9a-f-]{36}");
            assertThat(taken.id().value()).as(fields[1]).matches(pattern);
            boolean isKept = fields[3].equals("kept");
            assertThat(taken.isNew()).as(fields[1]).isNotEqualTo(isKept);
            byte[] content = Files.readAllBytes(leases.resolve(taken.id() + ".json"));
            assertThat(content.length == OTHER.length).as(fields[1]).isEqualTo(isKept);
            assertThat(leases.toFile().list()).as(fields[1]).noneMatch(name -> name.startsWith(".new"));
            DurableFiles.deleteTree(cache.layout().root());
            cases++;
        }
        assertThat(cases).isGreaterThan(10);
    }

    private static void make(String what, Path file) throws IOException {
        String[] words = what.split("-", -1);
        switch (words.length > 1 ? words[1] : "full") {
            case "link" -> Files.createSymbolicLink(file, Path.of("/nonexistent"));
            case "directory" -> Files.createDirectory(file);
            case "empty" -> Files.createFile(file);
            default -> {
                if (!what.equals("nothing")) {
                    Files.write(file, OTHER);
                }
            }
        }
        int owner =
                switch (words[0]) {
                    case "stranger" -> STRANGER;
                    case "owner" -> OWNER;
                    default -> 0;
                };
        if (owner != 0) {
            Files.setAttribute(file, "unix:uid", owner);
        }
    }

    private static JobContext job(String[] fields) throws IOException {
        Map<String, String> environment = new HashMap<>();
        for (int i = 2; i < fields.length; i++) {
            int equals = fields[i].indexOf('=');
            environment.put(fields[i].substring(0, equals), fields[i].substring(equals + 1));
        }
        if (environment.isEmpty()) {
            Holder process = new Holder.LocalProcess(new ProcessIdentity(
                    "node7", "0a1b2c3d-1111-2222-3333-444455556666", 4711, 123456, "pid:[4026531836]", 1001));
            return new JobContext(process.usualId(), process);
        }
        return JobContext.of(environment, ProcessHandle.current().pid());
    }

    private static List<String[]> cases(String kind) throws IOException {
        return Files.readAllLines(Path.of("../tests/lease-cases.txt")).stream()
                .filter(line -> line.startsWith(kind + " "))
                .map(line -> line.split(" ", -1))
                .toList();
    }
}
