// SPDX-License-Identifier: Apache-2.0
/** OpenPBS and PBS Pro: {@link PbsServer} asks about jobs, holds and releases them. */
@NullMarked
package org.plurality.jobs.pbs;

import org.jspecify.annotations.NullMarked;
