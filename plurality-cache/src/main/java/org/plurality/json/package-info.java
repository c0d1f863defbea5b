/**
 * JSON for documents of our own, read and written by streaming because a rank's launch waits for it: {@link
 * org.plurality.json.JsonObject} is the entry. Bounded in size and depth; knows no document. Registry documents, which are large and
 * hostile, are not read here.
 */
@NullMarked
package org.plurality.json;

import org.jspecify.annotations.NullMarked;
