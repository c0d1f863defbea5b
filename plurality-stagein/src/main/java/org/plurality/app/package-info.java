// SPDX-License-Identifier: Apache-2.0
/** What a process of {@code plurality-stagein} is given: environment, output, signals. */
@NullMarked
package org.plurality.app;

import org.jspecify.annotations.NullMarked;
