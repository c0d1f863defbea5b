// SPDX-License-Identifier: Apache-2.0
/**
 * Libraries, files and devices of the host that go into a container, from data files: {@link Profile}. Only loaded
 * by launches that ask for GPUs or the host's MPI. Knows nothing of what they are for.
 */
@NullMarked
package org.plurality.host;

import org.jspecify.annotations.NullMarked;
