// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.expiry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.plurality.cache.SampleEntry;

class ExpiryPolicyTest {
    private static final Instant NOW = Instant.ofEpochSecond(2_000_000_000);
    private static final SpaceUsage ROOMY = new SpaceUsage(0, 0, Long.MAX_VALUE / 4);

    @Test
    void withoutRulesNothingGoes() {
        assertThat(gone(ExpiryPolicy.NONE, old("a", 4000), old("b", 1))).isEmpty();
        assertThat(ExpiryPolicy.NONE.isEmpty()).isTrue();
    }

    @Test
    void whatNobodyUsedForLongEnoughGoes() {
        assertThat(gone(after(30), old("a", 31), old("b", 29), old("c", 30))).containsExactly("a", "c");
    }

    @Test
    void pinnedLeasedUnreadableAndYoungImagesStayWhateverTheLimits() {
        ExpiryPolicy strict = new ExpiryPolicy(
                Optional.of(Duration.ofDays(1)), Duration.ofHours(1), 0, 1, 1, Long.MAX_VALUE / 2, 1, List.of());
        ImageUsage base = old("base", 90);
        List<ImageUsage> protectedOnes = List.of(
                with(base, "pinned", true, List.of(), "", base.published()),
                with(base, "leased", false, List.of("Slurm job 1"), "", base.published()),
                with(base, "unreadable", false, List.of(), "entry.json is damaged", base.published()),
                with(base, "young", false, List.of(), "", NOW.minusSeconds(60)));
        List<Decision> decisions = strict.decide(protectedOnes, new SpaceUsage(0, 0, 0), NOW);
        assertThat(decisions).noneMatch(Decision::expires);
        assertThat(decisions)
                .extracting(Decision::why)
                .containsExactly(
                        "pinned", "held by Slurm job 1", "cannot be read: entry.json is damaged", "younger than 1h");
    }

    @ParameterizedTest
    @CsvSource({
        // limit, low percent, blobs, what goes of ten images of 10 bytes, oldest first
        "100,90,0,''",
        "99,90,0,'i0,i1'",
        "99,100,0,'i0'",
        "50,80,0,'i0,i1,i2,i3,i4,i5'",
        "100,90,1,''",
        "1,1,0,'i0,i1,i2,i3,i4,i5,i6,i7,i8,i9'",
    })
    void overAByteLimitTheLongestUnusedGoUntilTheLowWatermark(long limit, int low, long blobs, String expected) {
        ExpiryPolicy policy = limits(limit, Long.MAX_VALUE, 0, low);
        List<String> gone = ten(policy, new SpaceUsage(blobs, 0, Long.MAX_VALUE / 4));
        assertThat(String.join(",", gone)).isEqualTo(expected);
    }

    @Test
    void inodesAndFreeSpaceAreLimitsToo() {
        assertThat(ten(limits(Long.MAX_VALUE, 35, 0, 100), ROOMY)).containsExactly("i0", "i1", "i2");
        assertThat(ten(limits(Long.MAX_VALUE, Long.MAX_VALUE, 25, 100), new SpaceUsage(0, 0, 5)))
                .containsExactly("i0", "i1");
        assertThat(ten(limits(Long.MAX_VALUE, Long.MAX_VALUE, 25, 100), new SpaceUsage(0, 0, 25)))
                .isEmpty();
    }

    @Test
    void whatGoesByAgeCountsTowardsTheLimits() {
        ExpiryPolicy policy = new ExpiryPolicy(
                Optional.of(Duration.ofDays(8)), Duration.ZERO, 0, 70, Long.MAX_VALUE, 0, 100, List.of());
        // i0 to i2 were used 10, 9 and 8 days ago: with them the cache is over the limit, without them it is not.
        assertThat(ten(policy, ROOMY)).containsExactly("i0", "i1", "i2");
    }

    @Test
    void theNewestOfEachRepositoryStay() {
        ExpiryPolicy policy = new ExpiryPolicy(
                Optional.of(Duration.ofDays(1)), Duration.ZERO, 2, Long.MAX_VALUE, Long.MAX_VALUE, 0, 90, List.of());
        assertThat(gone(policy, old("a", 50), old("a:2", 40), old("a:3", 30), old("b", 60)))
                .containsExactly("a");
    }

    @Test
    void theFirstRuleThatMatchesCountsInsteadOfTheRest() {
        List<ExpiryRule> rules = Stream.of(
                        "r.example/keep/** keep", "r.example/*/slow after=100d", "r.example/** after=never")
                .map(ExpiryRule::parse)
                .toList();
        ExpiryPolicy policy = new ExpiryPolicy(
                Optional.of(Duration.ofDays(10)), Duration.ZERO, 0, Long.MAX_VALUE, Long.MAX_VALUE, 0, 90, rules);
        List<ImageUsage> images = List.of(
                named("r.example/keep/deep/a:1", 500),
                named("r.example/x/slow:1", 50),
                named("r.example/x/y/slow:1", 500),
                named("docker.io/library/a:1", 11));
        assertThat(titles(policy.decide(images, ROOMY, NOW))).containsExactly("docker.io/library/a:1");
    }

    @Test
    void rulesAreRead() {
        ExpiryRule rule = ExpiryRule.parse("docker.io/*/x:* min_age=2h keep_newest=3");
        assertThat(rule.minAge()).contains(Duration.ofHours(2));
        assertThat(rule.keepNewest()).contains(3);
        assertThat(rule.matches(named("docker.io/library/x:1", 1))).isTrue();
        assertThat(rule.matches(named("docker.io/library/deep/x:1", 1))).isFalse();
        for (String wrong : List.of("", "a", "a forever", "a after=", "a keep_newest=-1", "a after=3y")) {
            assertThatThrownBy(() -> ExpiryRule.parse(wrong)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void underALimitOfFreeInodesTheLongestUnusedGoUntilThereAreEnough() {
        ExpiryPolicy policy = new ExpiryPolicy(
                Optional.empty(), Duration.ZERO, 0, Long.MAX_VALUE, Long.MAX_VALUE, 0, 100, 100, List.of());
        ImageUsage one = old("one", 2);
        ImageUsage two = old("two", 1);
        long each = one.inodes();
        List<Decision> decisions =
                policy.decide(List.of(one, two), new SpaceUsage(0, 0, Long.MAX_VALUE / 4, 100 - each), NOW);
        assertThat(decisions).extracting(Decision::expires).containsExactly(true, false);
        assertThat(decisions.getFirst().why()).contains("expire_min_free_inodes = 100");
        assertThat(policy.decide(List.of(one), ROOMY, NOW)).noneMatch(Decision::expires);
    }

    private static ExpiryPolicy after(int days) {
        return new ExpiryPolicy(
                Optional.of(Duration.ofDays(days)),
                Duration.ofHours(1),
                0,
                Long.MAX_VALUE,
                Long.MAX_VALUE,
                0,
                90,
                List.of());
    }

    private static ExpiryPolicy limits(long bytes, long inodes, long free, int low) {
        return new ExpiryPolicy(Optional.empty(), Duration.ZERO, 0, bytes, inodes, free, low, List.of());
    }

    private static List<String> ten(ExpiryPolicy policy, SpaceUsage occupancy) {
        List<ImageUsage> images = new ArrayList<>();
        for (int i = 9; i >= 0; i--) {
            images.add(old("i" + i, 10 - i));
        }
        List<String> gone = new ArrayList<>(titles(policy.decide(images, occupancy, NOW)));
        gone.sort(null);
        return gone;
    }

    private static List<String> gone(ExpiryPolicy policy, ImageUsage... images) {
        return titles(policy.decide(List.of(images), ROOMY, NOW));
    }

    private static List<String> titles(List<Decision> decisions) {
        return decisions.stream()
                .filter(Decision::expires)
                .map(decision -> decision.candidate().title())
                .toList();
    }

    /** 10 bytes and 5 inodes; published and used so many days ago. */
    private static ImageUsage old(String name, int days) {
        return named(name, days);
    }

    private static ImageUsage named(String name, int days) {
        Instant then = NOW.minus(Duration.ofDays(days));
        int colon = name.lastIndexOf(':');
        return new ImageUsage(
                SampleEntry.digest(name),
                List.of(name),
                List.of(colon < 0 ? name : name.substring(0, colon)),
                10,
                5,
                then,
                then,
                false,
                List.of(),
                "");
    }

    private static ImageUsage with(
            ImageUsage base, String name, boolean pinned, List<String> holders, String problem, Instant published) {
        return new ImageUsage(
                SampleEntry.digest(name),
                List.of(name),
                List.of(name),
                base.bytes(),
                base.inodes(),
                published,
                base.lastUse(),
                pinned,
                holders,
                problem);
    }
}
