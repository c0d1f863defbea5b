/**
 * What a user and a site have set: {@link org.plurality.config.Settings}, from flags, environment, the user's {@code plurality.toml} and
 * the site's, in that order. Knows names and values, not what they are for.
 */
@NullMarked
package org.plurality.config;

import org.jspecify.annotations.NullMarked;
