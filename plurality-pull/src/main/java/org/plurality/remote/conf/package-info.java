// SPDX-License-Identifier: Apache-2.0
/**
 * What {@code registries.conf} says of registries: {@link RegistriesConf} turns a name into the places where its
 * image is looked for, in order, and a short name into whole ones. Knows no HTTP.
 *
 * <p>Specification: containers-registries.conf(5), version 2, and containers-registries.conf.d(5).
 */
@NullMarked
package org.plurality.remote.conf;

import org.jspecify.annotations.NullMarked;
