/**
 * JSON for small documents: {@link org.plurality.json.JsonObject} is the entry. Bounded in size, depth and values; knows no document.
 * Of our own, because a rank's launch waits for it and Jackson's first document costs 15 ms; what a rank does not wait for may use Jackson.
 */
@NullMarked
package org.plurality.json;

import org.jspecify.annotations.NullMarked;
