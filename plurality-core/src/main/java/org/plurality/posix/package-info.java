// SPDX-License-Identifier: Apache-2.0
/**
 * The few C calls that unpacking needs: {@link Posix} has their names, {@code CLibrary} makes them, by way of
 * {@code java.lang.foreign}, and those of ISA-L, if this host has it: {@link IgzipLibrary}. Names are
 * {@link ByteString bytes}, as the kernel has them. Knows nothing of images. Specification: POSIX.1-2017 and the
 * Linux manual's section 2.
 */
@NullMarked
package org.plurality.posix;

import org.jspecify.annotations.NullMarked;
