// SPDX-License-Identifier: Apache-2.0
package org.plurality.bundle;

import java.util.List;

/**
 * A program of the host that the runtime runs while it makes a container, as in the OCI runtime specification.
 *
 * @param stage {@code prestart}, {@code createRuntime} or {@code createContainer}; a container of ours is made and never started
 * @param path of the program on the host, absolute
 * @param arguments with the program's name first
 * @param environment all that it gets, {@code NAME=VALUE}
 * @param timeoutSeconds after which it counts as failed, or 0 for never
 */
public record Hook(String stage, String path, List<String> arguments, List<String> environment, long timeoutSeconds) {
    /** Those that containers of ours pass. */
    public static final List<String> STAGES = List.of("prestart", "createRuntime", "createContainer");

    /** For a hook that names no variables: nothing of the image's or the user's. */
    public static final List<String> PLAIN_ENVIRONMENT =
            List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");

    public Hook {
        if (!STAGES.contains(stage) || !path.startsWith("/") || timeoutSeconds < 0) {
            throw new IllegalArgumentException("a hook at " + stage + " with " + path + " is none");
        }
        arguments = List.copyOf(arguments);
        environment = List.copyOf(environment);
    }
}
