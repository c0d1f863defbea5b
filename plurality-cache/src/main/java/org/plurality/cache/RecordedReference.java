// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import java.nio.file.Path;
import java.time.Instant;

/**
 * A reference and the file that records it.
 *
 * @param modified when it was resolved last, by the filesystem server's clock
 */
public record RecordedReference(ReferenceDocument document, Path file, Instant modified) {}
