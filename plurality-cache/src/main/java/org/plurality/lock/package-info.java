/**
 * One download for many callers: {@link org.plurality.lock.HeartbeatLock}. It only saves double work; whoever holds it wrongly does no
 * harm. Made of exclusive create and rename, which network filesystems keep their word on; never {@code flock} or {@code fcntl}.
 */
@NullMarked
package org.plurality.lock;

import org.jspecify.annotations.NullMarked;
