// SPDX-License-Identifier: Apache-2.0
/** What the code says of its commands, settings and exit codes, as manual pages, a reference and completions for bash. Runs when the tree is made. */
@NullMarked
package org.plurality.manual;

import org.jspecify.annotations.NullMarked;
