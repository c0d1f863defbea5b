// SPDX-License-Identifier: Apache-2.0
/** Commands about a whole cache, most of them an administrator's: expire, verify, status, report, daemon. */
@NullMarked
package org.plurality.cli.site;

import org.jspecify.annotations.NullMarked;
