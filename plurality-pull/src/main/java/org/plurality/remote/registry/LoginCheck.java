// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import okhttp3.Headers;
import okhttp3.Response;
import org.plurality.failure.PluralityException;
import org.plurality.reference.ImageReference;
import org.plurality.remote.credentials.Credentials;

/** Shows credentials to a registry: {@code GET /v2/}, and its token server where it has one. */
public final class LoginCheck {
    private LoginCheck() {}

    /**
     * @param repository of that registry; its name matters only for errors
     * @param access whose own credentials are not used
     * @return whether the registry asked for credentials at all
     * @throws PluralityException (NOT_AUTHORISED) when it does not take them
     */
    public static boolean run(ImageReference repository, Credentials credentials, Registry.Access access)
            throws PluralityException {
        String registry = repository.registry();
        Routes routes = Routes.of(repository, access.insecure());
        RegistryErrors failures = new RegistryErrors(registry, access.credentialPlaces());
        TokenServer tokens = new TokenServer(
                access.clients(), routes.base(), access.insecure(), access.patience(), failures, access.trace());
        Authorizer authorizer = new Authorizer(registry, repository.repository(), "", (_, _) -> credentials, tokens);
        RegistryHttpClient caller = new RegistryHttpClient(
                access.clients(), Origin.of(routes.base()), authorizer, access.patience(), failures, access.trace());
        try (Response _ = caller.get(routes.ping(), Headers.EMPTY, "cannot log in to " + registry)) {
            return authorizer.isKnownUser();
        }
    }
}
