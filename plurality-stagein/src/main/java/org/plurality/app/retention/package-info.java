// SPDX-License-Identifier: Apache-2.0
/** Puts together from the settings what keeps a cache: expiry, leases, repair, the site's list of images. */
@NullMarked
package org.plurality.app.retention;

import org.jspecify.annotations.NullMarked;
