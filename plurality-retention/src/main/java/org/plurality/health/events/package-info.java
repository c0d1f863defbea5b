// SPDX-License-Identifier: Apache-2.0
/**
 * The log of a cache: {@link EventLog} appends to {@code log/events.jsonl} and reads it. It is for people and
 * reports; no decision depends on it. docs/cache-format.md describes the format.
 */
@NullMarked
package org.plurality.health.events;

import org.jspecify.annotations.NullMarked;
