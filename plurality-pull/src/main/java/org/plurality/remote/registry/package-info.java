// SPDX-License-Identifier: Apache-2.0
/**
 * A client of the distribution API, for pulls. {@link Registry} represents one repository. {@link
 * org.plurality.remote.registry.Routes} alone knows the routes; {@link RegistryHttpClient} alone handles HTTP,
 * redirects, credentials and status. Nothing that a registry sends is trusted: sizes are bounded, digests are
 * verified, redirects and realms are restricted. The package depends on neither the cache nor layers.
 *
 * <p>Specification: OCI distribution and image specifications 1.1; Docker's registry token authentication.
 */
@NullMarked
package org.plurality.remote.registry;

import org.jspecify.annotations.NullMarked;
