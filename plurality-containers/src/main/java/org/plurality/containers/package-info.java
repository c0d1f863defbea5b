// SPDX-License-Identifier: Apache-2.0
/**
 * Named containers: a directory of one's own for each, with a copy of an image's root filesystem and an OCI
 * bundle's {@code config.json}, that is kept until it is deleted.
 *
 * <p>{@link ContainerStore} knows where they lie, {@link ContainerCreator} makes them,
 * {@link org.plurality.containers.RunPlanner} plans a run, {@link RunClaims} says what runs. Knows no options and
 * no registry: images come through {@code plurality-stagein}.
 */
@NullMarked
package org.plurality.containers;

import org.jspecify.annotations.NullMarked;
