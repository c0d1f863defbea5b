// SPDX-License-Identifier: Apache-2.0
/**
 * A filesystem on which the order of several actors' calls is decided by a number: {@link org.plurality.stepped.Schedule} lets one of them
 * go on at each call, {@link org.plurality.stepped.SteppedFileSystem} asks it before each. What they do is the real code on a real directory.
 */
@NullMarked
package org.plurality.stepped;

import org.jspecify.annotations.NullMarked;
