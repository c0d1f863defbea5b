// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.expiry;

import java.time.Duration;

/** Waits between the two looks at the leases. */
@FunctionalInterface
public interface Pause {
    /** @return false when the process is to end: what is not decided is put back */
    boolean pause(Duration length);
}
