// SPDX-License-Identifier: Apache-2.0
package org.plurality.standing;

import org.plurality.lock.HeartbeatLock;
import org.plurality.reference.Digest;

/**
 * An image that is being staged in, or was when its process died.
 *
 * @param lock lock of the process that stages it in; stale if there is no such process any more
 */
public record Flight(Digest digest, HeartbeatLock.Held lock) {}
