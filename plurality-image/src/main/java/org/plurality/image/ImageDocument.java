// SPDX-License-Identifier: Apache-2.0
package org.plurality.image;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An image's configuration as it stands in the document (OCI image specification 1.1, config.md). */
record ImageDocument(
        @Nullable String os,
        @Nullable String architecture,
        @Nullable String variant,
        @Nullable Config config,
        @Nullable RootFs rootfs) {

    /** The layers when they are unpacked. */
    record RootFs(@Nullable @JsonProperty("diff_ids") List<String> diffIds) {}

    /** The part for a runtime. Members that stage-in only compares may be anything. */
    record Config(
            @Nullable @JsonProperty("User") String user,
            @Nullable @JsonProperty("Env") List<String> env,
            @Nullable @JsonProperty("Entrypoint") List<String> entrypoint,
            @Nullable @JsonProperty("Cmd") List<String> cmd,
            @Nullable @JsonProperty("WorkingDir") String workingDir,
            @Nullable @JsonProperty("StopSignal") String stopSignal,
            @Nullable @JsonProperty("Labels") Object labels,
            @Nullable @JsonProperty("ExposedPorts") Object exposedPorts,
            @Nullable @JsonProperty("Volumes") Object volumes) {
        static final Config EMPTY = new Config(null, null, null, null, null, null, null, null, null);
    }

    Config configOrEmpty() {
        return config == null ? Config.EMPTY : config;
    }

    List<String> diffIds() {
        return rootfs == null || rootfs.diffIds == null ? List.of() : rootfs.diffIds;
    }
}
