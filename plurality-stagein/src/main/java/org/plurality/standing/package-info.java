/**
 * Why an image is there, or is not yet: {@link org.plurality.standing.Standing} puts together what references, entries, leases, locks and
 * the log of a cache say of one name. Reads only, but for a file that comes and goes to tell the server's time.
 */
@NullMarked
package org.plurality.standing;

import org.jspecify.annotations.NullMarked;
