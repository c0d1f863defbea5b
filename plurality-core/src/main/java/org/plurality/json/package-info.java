// SPDX-License-Identifier: Apache-2.0
/**
 * JSON for small documents: {@link JsonObject} is the entry point. Bounded in size, depth and number of values;
 * knows no particular document. This package is our own because a rank waits while it runs, and Jackson's first
 * document costs 15 ms. Code that no rank waits for may use Jackson.
 */
@NullMarked
package org.plurality.json;

import org.jspecify.annotations.NullMarked;
