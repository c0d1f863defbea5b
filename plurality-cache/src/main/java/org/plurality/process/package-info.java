/**
 * Who holds something on a filesystem that several hosts share: {@link org.plurality.process.ProcessIdentity}. Reads {@code /proc} only.
 */
@NullMarked
package org.plurality.process;

import org.jspecify.annotations.NullMarked;
