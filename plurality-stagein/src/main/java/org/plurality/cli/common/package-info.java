// SPDX-License-Identifier: Apache-2.0
/** Options and output that several commands share. */
@NullMarked
package org.plurality.cli.common;

import org.jspecify.annotations.NullMarked;
