// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.conf;

import org.plurality.reference.ImageReference;

/**
 * A place where an image is looked for.
 *
 * @param reference of the image there: its own, rewritten, or a mirror's
 * @param insecure whether it may be spoken to over plain http, and its certificate need not be trusted
 * @param mirror whether it is one, so that another place follows
 */
public record Endpoint(ImageReference reference, boolean insecure, boolean mirror) {}
