// SPDX-License-Identifier: Apache-2.0
/** Tables, sizes and ages for people; progress as a bar on a terminal, as lines elsewhere, or as JSON. */
@NullMarked
package org.plurality.display;

import org.jspecify.annotations.NullMarked;
