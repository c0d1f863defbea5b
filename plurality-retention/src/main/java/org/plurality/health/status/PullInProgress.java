// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.status;

import org.plurality.cache.HeartbeatLock;
import org.plurality.reference.Digest;

/**
 * An image that is being staged in, or was when its process died.
 *
 * @param lock lock of the process that stages it in; stale if there is no such process any more
 */
public record PullInProgress(Digest digest, HeartbeatLock.Held lock) {}
