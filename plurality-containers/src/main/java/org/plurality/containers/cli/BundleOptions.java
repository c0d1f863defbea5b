// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Value;
import org.plurality.arguments.Values;

/** What a container is to have besides its image. */
final class BundleOptions {
    private final Values binds;
    private final Values variables;
    private final Value<String> workDirectory;

    BundleOptions(Arguments arguments) {
        binds = arguments.options(
                "-B, --bind, -v, --volume",
                "SRC[:DST[:ro|rw]]",
                "A file or directory of the host; may be given again.");
        variables = arguments.options(
                "-e, --env", "NAME[=VALUE]", "Set a variable, without VALUE to what it is here; may be given again.");
        workDirectory = arguments.option("-w, --workdir, --pwd", "DIR", "Start there, in the container.");
    }

    List<String> binds() {
        return binds.get();
    }

    List<String> variables() {
        return variables.get();
    }

    @Nullable
    String workDirectory() {
        return workDirectory.get();
    }
}
