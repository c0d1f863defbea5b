// SPDX-License-Identifier: Apache-2.0
/** The command line's options and parameters, declared in code. */
@NullMarked
package org.plurality.arguments;

import org.jspecify.annotations.NullMarked;
