// SPDX-License-Identifier: Apache-2.0
/**
 * The settings of users and sites: {@link Settings}, from flags, the environment, the user's {@code plurality.toml}
 * and the site's, in that order. It knows names and values, not their purpose.
 */
@NullMarked
package org.plurality.config;

import org.jspecify.annotations.NullMarked;
