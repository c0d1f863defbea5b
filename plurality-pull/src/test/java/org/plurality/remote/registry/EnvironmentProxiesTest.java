// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Proxy;
import java.net.URI;
import java.util.Map;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

class EnvironmentProxiesTest {
    @ParameterizedTest
    @CsvSource({
        "*, https://a.b, true",
        "example.com, https://example.com, true",
        "example.com, https://www.EXAMPLE.com, true",
        "example.com, https://notexample.com, false",
        ".example.com, https://www.example.com, true",
        ".example.com, https://example.com, true",
        "*.example.com, https://www.example.com, true",
        "EXAMPLE.com, https://example.com, true",
        "example.com:443, https://example.com, true",
        "example.com:443, https://example.com:5000, false",
        "example.com:5000, http://example.com:5000, true",
        "10.0.0.0/8, https://10.200.3.4, true",
        "10.0.0.0/8, https://11.0.0.1, false",
        "10.0.0.0/8, https://ten.example.com, false",
        "192.168.1.7, https://192.168.1.7:5000, true",
        "192.168.1.7:5000, https://192.168.1.7:5000, true",
        "192.168.1.7:5000, https://192.168.1.7, false",
        "fd00::/8, 'https://[fd00::1]:5000', true",
        "fd00::/8, 'https://[fe80::1]', false",
        "'[::1]', 'http://[::1]:5000', true",
        "::1, 'http://[0:0:0:0:0:0:0:1]:5000', true",
        "'[::1]:5000', 'http://[::1]:5000', true",
        "0.0.0.0/0, https://1.2.3.4, true",
        "0.0.0.0/33, https://1.2.3.4, false",
        "999.1.1.1/8, https://1.2.3.4, false",
        "'a.b, example.com', https://example.com, true",
        "'a.b example.com', https://example.com, true",
        "'', https://example.com, false"
    })
    void exemptionsAreReadAsOthersReadThem(String noProxy, String uri, boolean exempt) {
        EnvironmentProxies proxies = new EnvironmentProxies(Map.of(
                "all_proxy",
                "x",
                "https_proxy",
                "proxy:3128",
                "HTTP_PROXY",
                "http://u:p@proxy:3128",
                "no_proxy",
                noProxy));
        Proxy proxy = proxies.select(URI.create(uri)).getFirst();
        assertThat(proxy.type() == Proxy.Type.DIRECT).isEqualTo(exempt);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "socks5://user:pass@proxy:1080",
                "socks5h://proxy:1080",
                "ftp://proxy",
                "http://",
                "proxy:port",
                "a b"
            })
    void proxyThatIsNotUnderstoodIsAnError(String value) throws Exception {
        EnvironmentProxies proxies =
                new EnvironmentProxies(Map.of("https_proxy", value, "HTTP_PROXY", "proxy:1", "NO_PROXY", "x.y"));
        assertThatThrownBy(() -> proxies.requireUnderstood(HttpUrl.get("https://a.b/")))
                .isInstanceOfSatisfying(PluralityException.class, e -> {
                    assertThat(e.kind()).isEqualTo(FailureKind.USAGE);
                    assertThat(e.getMessage() + e.hint())
                            .contains("HTTPS_PROXY")
                            .doesNotContain("pass");
                });
        proxies.requireUnderstood(HttpUrl.get("https://x.y/"));
        proxies.requireUnderstood(HttpUrl.get("http://a.b/"));
    }

    @Test
    void capitalsCountBeforeSmallLetters() {
        EnvironmentProxies proxies = new EnvironmentProxies(
                Map.of("https_proxy", "small:1", "HTTPS_PROXY", "capital:2", "NO_PROXY", "a.b", "no_proxy", "c.d"));
        assertThat(proxies.select(URI.create("https://x.y"))
                        .getFirst()
                        .address()
                        .toString())
                .contains("capital");
        assertThat(proxies.select(URI.create("https://a.b")).getFirst()).isEqualTo(Proxy.NO_PROXY);
        assertThat(proxies.select(URI.create("https://c.d")).getFirst()).isNotEqualTo(Proxy.NO_PROXY);
    }
}
