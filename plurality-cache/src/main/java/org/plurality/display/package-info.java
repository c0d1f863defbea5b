// SPDX-License-Identifier: Apache-2.0
/** Tables, sizes and ages for people. */
@NullMarked
package org.plurality.display;

import org.jspecify.annotations.NullMarked;
