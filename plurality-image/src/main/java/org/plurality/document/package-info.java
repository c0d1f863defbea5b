// SPDX-License-Identifier: Apache-2.0
/**
 * Documents that other programs write: {@link Documents} reads their JSON into records that are named as in their
 * specifications. Our own small documents are read with {@code org.plurality.json}, which also the planner can
 * afford.
 */
@NullMarked
package org.plurality.document;

import org.jspecify.annotations.NullMarked;
