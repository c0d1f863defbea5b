// SPDX-License-Identifier: Apache-2.0
/**
 * Deduplicates concurrent downloads: {@link org.plurality.lock.HeartbeatLock}. It only avoids double work; a process
 * that wrongly believes that it holds the lock does no harm. It uses exclusive create and rename, which are reliable
 * on network filesystems, and never {@code flock} or {@code fcntl}.
 */
@NullMarked
package org.plurality.lock;

import org.jspecify.annotations.NullMarked;
