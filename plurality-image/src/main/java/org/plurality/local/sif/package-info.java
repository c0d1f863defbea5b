// SPDX-License-Identifier: Apache-2.0
/**
 * Singularity's and Apptainer's images: {@link SingularityImage} reads the root filesystem of a SIF file, and what
 * the scripts in it say for a runtime. Runs nothing of an image, and keeps no signature: of those 'apptainer
 * verify' knows.
 *
 * <p>Specification: the SIF format, version 1, and the layout of {@code /.singularity.d}.
 */
@NullMarked
package org.plurality.local.sif;

import org.jspecify.annotations.NullMarked;
