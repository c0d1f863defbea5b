// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.credentials;

import org.plurality.failure.PluralityException;

/** Finds credentials. May read files and start a helper, so ask only once a registry wants to know. */
@FunctionalInterface
public interface CredentialSource {
    /**
     * @param registry as references write it, such as {@code docker.io}
     * @param repository of the image, because one registry may have credentials for some namespaces only
     */
    Credentials find(String registry, String repository) throws PluralityException;
}
