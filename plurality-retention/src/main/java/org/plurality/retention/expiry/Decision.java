// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.expiry;

import java.time.Instant;
import java.util.Optional;

/**
 * What becomes of an image.
 *
 * @param why in words, complete
 * @param due when its age alone will let it go; empty when never
 */
public record Decision(ImageUsage candidate, boolean expires, String why, Optional<Instant> due) {}
