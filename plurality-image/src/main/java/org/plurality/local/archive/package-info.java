// SPDX-License-Identifier: Apache-2.0
/**
 * Images in files: {@link Archives} opens OCI image layouts, in a directory or a tar, and what {@code docker save}
 * writes. Nothing is extracted: a tar is indexed once and its members are read where they lie; only what cannot be
 * read twice (standard input, a compressed file) is copied first. Everything in them is untrusted and bounded.
 *
 * <p>Specifications: OCI image-layout.md, containers-transports(5), the Docker image specification 1.2.
 */
@NullMarked
package org.plurality.local.archive;

import org.jspecify.annotations.NullMarked;
