package org.plurality.registry;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import okhttp3.HttpUrl;

/**
 * The registries that may be spoken to over plain http, as the setting lists them: {@code HOST:PORT}, or {@code HOST} for all of its
 * ports.
 */
public record InsecureRegistries(Set<String> names) {
    public InsecureRegistries {
        names = Set.copyOf(names);
    }

    InsecureRegistries and(Collection<String> more) {
        Set<String> all = new HashSet<>(names);
        all.addAll(more);
        return new InsecureRegistries(all);
    }

    boolean allow(String registry) {
        int colon = registry.lastIndexOf(':');
        boolean hasPort = colon > registry.lastIndexOf(']');
        return names.contains(registry) || (hasPort && names.contains(registry.substring(0, colon)));
    }

    boolean allow(HttpUrl url) {
        String host = url.host().indexOf(':') >= 0 ? "[" + url.host() + "]" : url.host();
        return allow(host + ":" + url.port());
    }
}
