// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ProtocolException;
import java.time.Duration;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.Test;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

class RegistryErrorsTest {
    private final RegistryErrors hub = new RegistryErrors("docker.io", "~/auth.json");

    @Test
    void dockerHubsAnswerForAMissingRepositoryIsExplained() {
        PluralityException failure = hub.status(
                "cannot fetch the manifest of docker.io/library/nope:latest",
                401,
                "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"authentication required\"}]}");
        assertThat(failure.kind()).isEqualTo(FailureKind.NOT_AUTHORISED);
        assertThat(failure).hasMessageEndingWith("not authorised, the registry answers 401 UNAUTHORIZED");
        assertThat(failure.hint())
                .startsWith("check the name: Docker Hub answers so for repositories that do not exist")
                .contains("plurality-stagein login docker.io", "~/auth.json");
    }

    @Test
    void whatIsNotHttpIsNotQuoted() {
        PluralityException failure = hub.transport(
                "cannot fetch it",
                HttpUrl.get("https://registry-1.docker.io/v2/"),
                new ProtocolException("Unexpected status line: canary"));
        assertThat(failure).hasMessageContaining("does not answer in HTTP").hasNoCause();
        assertThat(failure).hasMessageNotContaining("canary");
    }

    @Test
    void retryAfterIsSecondsOrADateByTheRegistrysOwnClock() {
        assertThat(pause("Retry-After", "7")).hasValue(Duration.ofSeconds(7));
        assertThat(pause("Retry-After", "99999999999999999999").orElseThrow()).isGreaterThan(Duration.ofDays(1000));
        assertThat(pause("Retry-After", "soon")).isEmpty();
        assertThat(pause("Retry-After", "-1")).isEmpty();
        assertThat(pause("X", "7")).isEmpty();
        String date = "Wed, 21 Oct 2015 07:28:30 GMT";
        assertThat(pause("Retry-After", date, "Date", "Wed, 21 Oct 2015 07:28:00 GMT"))
                .hasValue(Duration.ofSeconds(30));
        assertThat(pause("Retry-After", date)).hasValue(Duration.ZERO);
    }

    private static java.util.Optional<Duration> pause(String... headers) {
        return RegistryHttpClient.retryAfter(Headers.of(headers));
    }
}
