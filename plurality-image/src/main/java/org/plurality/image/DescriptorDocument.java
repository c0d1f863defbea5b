// SPDX-License-Identifier: Apache-2.0
package org.plurality.image;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A descriptor as it stands in a manifest or an index (OCI image specification 1.1). */
public record DescriptorDocument(
        @Nullable String mediaType,
        @Nullable String digest,
        @Nullable Long size,
        @Nullable List<String> urls,
        @Nullable Map<String, Object> annotations,
        @Nullable String artifactType,
        @Nullable PlatformDocument platform) {

    /** The platform of an image, as an index has it. */
    public record PlatformDocument(
            @Nullable String os,
            @Nullable String architecture,
            @Nullable String variant) {}

    /** The annotation's text; null when there is none. */
    public @Nullable String annotation(String name) {
        return annotations != null && annotations.get(name) instanceof String text ? text : null;
    }
}
