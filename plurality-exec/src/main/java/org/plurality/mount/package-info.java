// SPDX-License-Identifier: Apache-2.0
/**
 * What people write to have something of the host in the container: {@link org.plurality.mount.BindSyntax} for {@code --bind}, {@link
 * org.plurality.mount.MountSyntax} for {@code --mount}. Reads the text only; whether a source is there is the caller's business.
 */
@NullMarked
package org.plurality.mount;

import org.jspecify.annotations.NullMarked;
