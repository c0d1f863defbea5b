package org.plurality.standing;

import org.plurality.lock.HeartbeatLock;
import org.plurality.reference.Digest;

/**
 * An image that is being staged in, or was when its process died.
 *
 * @param lock of the one who does it; stale when nobody does any more
 */
public record Flight(Digest digest, HeartbeatLock.Held lock) {}
