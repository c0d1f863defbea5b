// SPDX-License-Identifier: Apache-2.0
/**
 * What a user names to stage in: {@link org.plurality.source.ImageSource}. Pure; knows neither network nor disk.
 *
 * <p>Specification: containers-transports(5).
 */
@NullMarked
package org.plurality.source;

import org.jspecify.annotations.NullMarked;
