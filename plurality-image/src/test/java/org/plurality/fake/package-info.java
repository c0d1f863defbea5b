// SPDX-License-Identifier: Apache-2.0
/** A registry, and images, made in code for tests. */
@NullMarked
package org.plurality.fake;

import org.jspecify.annotations.NullMarked;
