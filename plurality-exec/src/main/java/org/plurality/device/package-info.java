// SPDX-License-Identifier: Apache-2.0
/**
 * Devices: {@link CdiRegistry} reads specifications of the Container Device Interface and applies those of the
 * devices asked for; {@link GpuShortcut} is {@code --nv} and {@code --rocm}. Only loaded by launches that ask for
 * devices.
 *
 * <p>Specification: Container Device Interface 0.3.0 to 1.x.
 */
@NullMarked
package org.plurality.device;

import org.jspecify.annotations.NullMarked;
