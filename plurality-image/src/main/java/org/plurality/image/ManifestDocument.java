// SPDX-License-Identifier: Apache-2.0
package org.plurality.image;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The members of a manifest and of an index (OCI image specification 1.1; Docker's schema 2 has the same). Which of the
 * two it is they decide.
 */
public record ManifestDocument(
        @Nullable Long schemaVersion,
        @Nullable String mediaType,
        @Nullable String artifactType,
        @Nullable DescriptorDocument config,
        @Nullable List<DescriptorDocument> layers,
        @Nullable List<DescriptorDocument> manifests) {
    /** The layers, or none. */
    public List<DescriptorDocument> allLayers() {
        return layers == null ? List.of() : layers;
    }

    /** The descriptors of an index, or none. */
    public List<DescriptorDocument> allManifests() {
        return manifests == null ? List.of() : manifests;
    }
}
