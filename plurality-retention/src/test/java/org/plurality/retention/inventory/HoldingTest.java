// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.inventory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.cache.Cache;
import org.plurality.cache.SampleEntry;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.lease.Holder;
import org.plurality.lease.Lease;
import org.plurality.lease.LeaseId;
import org.plurality.lease.Leases;
import org.plurality.process.ProcessIdentity;
import org.plurality.reference.Digest;

class HoldingTest {
    private static final Digest DIGEST = SampleEntry.digest("one");
    private static final LeaseId ID = new LeaseId("mine");

    @TempDir
    private Path directory;

    private Cache cache;
    private Image image;

    @BeforeEach
    void publish() throws Exception {
        cache = Cache.openOrCreate(directory.resolve("cache"));
        image = new Image(cache, SampleEntry.publish(cache, DIGEST, "{}"), List.of());
    }

    @Test
    void aJobsLeaseStaysWhereTheImageWentMeanwhile() throws Exception {
        Holding.take(image, ID, new Holder.SlurmJob("17"));
        assertThat(cache.withdraw(DIGEST)).isPresent();
        assertRemoved(new Holder.SlurmJob("17"));
        assertThat(leases()).containsExactly(ID);
    }

    @Test
    void aProcesssLeaseGoesWithTheImageUnlessItWasThereBefore() throws Exception {
        Holder process = new Holder.LocalProcess(ProcessIdentity.current());
        assertThat(cache.withdraw(DIGEST)).isPresent();
        assertRemoved(process);
        assertThat(leases()).isEmpty();
        Holding.takeAhead(cache, DIGEST, ID, process);
        assertRemoved(process);
        assertThat(leases()).containsExactly(ID);
    }

    private void assertRemoved(Holder holder) {
        assertThatThrownBy(() -> Holding.take(image, ID, holder))
                .isInstanceOfSatisfying(
                        PluralityException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.NOT_FOUND));
    }

    private List<LeaseId> leases() throws PluralityException {
        return new Leases(cache.layout()).of(DIGEST).stream().map(Lease::id).toList();
    }
}
