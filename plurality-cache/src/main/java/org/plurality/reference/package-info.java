/**
 * How images are named: {@link org.plurality.reference.ImageReference}, {@link org.plurality.reference.Digest}, {@link
 * org.plurality.reference.Platform}. Pure values that validate themselves; knows neither network nor disk.
 *
 * <p>Specification: OCI distribution and image specifications 1.1, and the Docker Hub defaults that people's fingers know.
 */
@NullMarked
package org.plurality.reference;

import org.jspecify.annotations.NullMarked;
