// SPDX-License-Identifier: Apache-2.0
/** Commands that speak to registries and other sources of images. */
@NullMarked
package org.plurality.cli.pull;

import org.jspecify.annotations.NullMarked;
