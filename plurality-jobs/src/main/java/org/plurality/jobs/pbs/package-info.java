// SPDX-License-Identifier: Apache-2.0
/** OpenPBS and PBS Pro: {@link org.plurality.jobs.pbs.PbsServer} asks about jobs, holds and releases them. */
@NullMarked
package org.plurality.jobs.pbs;

import org.jspecify.annotations.NullMarked;
