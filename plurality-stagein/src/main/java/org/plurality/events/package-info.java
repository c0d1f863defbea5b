/**
 * What happened in a cache: {@link org.plurality.events.EventLog} appends to {@code log/events.jsonl} and reads it. For people and reports;
 * nothing is decided by it. The format is in docs/cache-format.md.
 */
@NullMarked
package org.plurality.events;

import org.jspecify.annotations.NullMarked;
