// SPDX-License-Identifier: Apache-2.0
/**
 * A client of the distribution API, for pulling: {@link Registry} speaks to one repository.
 * {@link org.plurality.remote.registry.Routes} alone spells routes; {@link RegistryHttpClient} alone does HTTP,
 * redirects, credentials and status. Nothing that a registry sends is believed: sizes are bounded, digests
 * verified, redirects and realms distrusted. Knows neither cache nor layers.
 *
 * <p>Specification: OCI distribution and image specifications 1.1; Docker's registry token authentication.
 */
@NullMarked
package org.plurality.remote.registry;

import org.jspecify.annotations.NullMarked;
