// SPDX-License-Identifier: Apache-2.0
/**
 * Environment definition files: {@link Definition}, TOML that names an image and what a program in it needs. Reads
 * files of that name only.
 */
@NullMarked
package org.plurality.definition;

import org.jspecify.annotations.NullMarked;
