// SPDX-License-Identifier: Apache-2.0
/**
 * What is staged in: {@link Inventory} finds images in the caches by what people type, and removes them. Knows no
 * network.
 */
@NullMarked
package org.plurality.retention.inventory;

import org.jspecify.annotations.NullMarked;
