// SPDX-License-Identifier: Apache-2.0
/**
 * The properties of this machine: {@link Filesystem} describes the filesystem of a directory. Used by
 * {@code doctor} and for the choice of an image's format. Changes nothing.
 */
@NullMarked
package org.plurality.machine;

import org.jspecify.annotations.NullMarked;
