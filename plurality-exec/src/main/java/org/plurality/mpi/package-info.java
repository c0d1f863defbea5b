// SPDX-License-Identifier: Apache-2.0
/**
 * The host's MPI in place of the image's: {@link HostMpi} checks that the two fit, and brings the host's library in
 * with what it needs. Which families there are is said by profiles.
 */
@NullMarked
package org.plurality.mpi;

import org.jspecify.annotations.NullMarked;
