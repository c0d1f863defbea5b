// SPDX-License-Identifier: Apache-2.0
package org.plurality.image;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The documents that a manifest route answers with. */
public enum ManifestType {
    OCI_INDEX("application/vnd.oci.image.index.v1+json", true),
    DOCKER_LIST("application/vnd.docker.distribution.manifest.list.v2+json", true),
    OCI_IMAGE("application/vnd.oci.image.manifest.v1+json", false),
    DOCKER_IMAGE("application/vnd.docker.distribution.manifest.v2+json", false);

    private final String mediaType;
    private final boolean index;

    ManifestType(String mediaType, boolean index) {
        this.mediaType = mediaType;
        this.index = index;
    }

    public String mediaType() {
        return mediaType;
    }

    public boolean isIndex() {
        return index;
    }

    /** @param mediaType a header's or document's; parameters after a semicolon do not count */
    public static Optional<ManifestType> of(@Nullable String mediaType) {
        String bare = bare(mediaType);
        for (ManifestType type : values()) {
            if (type.mediaType.equals(bare)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /** Schema 1, in its signed and its plain form. */
    static boolean isSchema1(@Nullable String mediaType) {
        return bare(mediaType).startsWith("application/vnd.docker.distribution.manifest.v1+");
    }

    public static String accept() {
        StringBuilder accept = new StringBuilder();
        for (ManifestType type : values()) {
            accept.append(accept.isEmpty() ? "" : ", ").append(type.mediaType);
        }
        return accept.toString();
    }

    /** A media type without its parameters; empty for none. */
    static String bare(@Nullable String mediaType) {
        if (mediaType == null) {
            return "";
        }
        int semicolon = mediaType.indexOf(';');
        return (semicolon < 0 ? mediaType : mediaType.substring(0, semicolon)).strip();
    }
}
