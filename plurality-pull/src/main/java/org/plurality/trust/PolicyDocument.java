// SPDX-License-Identifier: Apache-2.0
package org.plurality.trust;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A {@code policy.json} as it stands (containers-policy.json(5)). */
record PolicyDocument(
        @Nullable @JsonProperty("default") List<RequirementDocument> fallback,
        @Nullable Map<String, Map<String, List<RequirementDocument>>> transports) {

    /** The members of all types of requirements; which ones may be there the type decides. */
    record RequirementDocument(
            @Nullable String type,
            @Nullable String keyType,
            @Nullable String keyPath,
            @Nullable List<String> keyPaths,
            @Nullable String keyData,
            @Nullable List<String> keyDatas,
            @Nullable Map<String, Object> fulcio,
            @Nullable Map<String, Object> pki,
            @Nullable String rekorPublicKeyPath,
            @Nullable List<String> rekorPublicKeyPaths,
            @Nullable String rekorPublicKeyData,
            @Nullable List<String> rekorPublicKeyDatas,
            @Nullable IdentityDocument signedIdentity,
            @Nullable IdentityDocument baseLayerIdentity) {}

    /** Likewise of a {@code signedIdentity}. */
    record IdentityDocument(
            @Nullable String type,
            @Nullable String dockerReference,
            @Nullable String dockerRepository,
            @Nullable String prefix,
            @Nullable String signedPrefix) {}
}
