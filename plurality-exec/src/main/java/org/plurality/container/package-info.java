// SPDX-License-Identifier: Apache-2.0
/**
 * Named containers: a directory of one's own for each, with a copy of an image's root filesystem and an OCI bundle's {@code config.json}, that is
 * kept until it is deleted.
 *
 * <p>{@link org.plurality.container.ContainerStore} knows where they lie, {@link org.plurality.container.Creation} makes them, {@link
 * org.plurality.container.Start} plans a run, {@link org.plurality.container.Runs} says what runs. Knows no options and no registry: images
 * come through {@code plurality-stagein}.
 */
@NullMarked
package org.plurality.container;

import org.jspecify.annotations.NullMarked;
