// SPDX-License-Identifier: Apache-2.0
/**
 * Reading a layer: {@link LayerStream} decompresses and digests a blob, {@link TarReader} reads the entries of the
 * tar within. Everything here is untrusted and bounded by {@link UnpackLimits}. Knows nothing of registries nor of
 * where entries go. Specification: OCI image-spec layer.md, POSIX pax, the GNU tar manual, RFC 1952 and RFC 8878.
 */
@NullMarked
package org.plurality.unpack.layer;

import org.jspecify.annotations.NullMarked;
