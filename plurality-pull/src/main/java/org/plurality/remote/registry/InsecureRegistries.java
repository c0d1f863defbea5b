// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import okhttp3.HttpUrl;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/**
 * The registries for which plain http is allowed, as the setting lists them: {@code HOST:PORT}, or {@code HOST} for
 * all of its ports.
 */
public record InsecureRegistries(Set<String> names) {
    public InsecureRegistries {
        names = Set.copyOf(names);
    }

    /**
     * @throws PluralityException (USAGE) if a name is not a host; an address with {@code http://}, for example, would
     *     match no registry
     */
    public static InsecureRegistries of(Collection<String> names) throws PluralityException {
        for (String name : names) {
            if (name.indexOf('/') >= 0 || name.isBlank()) {
                String rest = name.substring(name.indexOf("://") < 0 ? 0 : name.indexOf("://") + 3);
                int slash = rest.indexOf('/');
                String host = slash < 0 ? rest : rest.substring(0, slash);
                throw new PluralityException(
                        FailureKind.USAGE,
                        "cannot use the insecure registry '" + name + "': it is not HOST[:PORT]",
                        "write " + (host.isBlank() ? "HOST[:PORT]" : host)
                                + " in --insecure-registry, PLURALITY_INSECURE_REGISTRIES or 'insecure_registries'");
            }
        }
        return new InsecureRegistries(Set.copyOf(names));
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
