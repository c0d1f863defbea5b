// SPDX-License-Identifier: Apache-2.0
/** Puts together a pull from the settings: registries, trust, transports, limits. One object serves one command. */
@NullMarked
package org.plurality.app.pull;

import org.jspecify.annotations.NullMarked;
