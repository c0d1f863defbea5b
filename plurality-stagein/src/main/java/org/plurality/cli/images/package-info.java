// SPDX-License-Identifier: Apache-2.0
/** Commands about single images of a cache: list, inspect, remove, pin, lease. */
@NullMarked
package org.plurality.cli.images;

import org.jspecify.annotations.NullMarked;
