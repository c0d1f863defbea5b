// SPDX-License-Identifier: Apache-2.0
/**
 * What an image is, wherever it lies: manifests, descriptors, configurations, and {@link ImageReader}, through
 * which every place that can hold one is read. Pure but for that interface; knows no network, disk or cache.
 *
 * <p>Specification: OCI image specification 1.1; Docker image manifest version 2, schema 2.
 */
@NullMarked
package org.plurality.image;

import org.jspecify.annotations.NullMarked;
