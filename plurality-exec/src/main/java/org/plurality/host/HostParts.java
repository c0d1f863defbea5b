// SPDX-License-Identifier: Apache-2.0
package org.plurality.host;

import java.util.ArrayList;
import java.util.List;
import org.plurality.bundle.Hook;
import org.plurality.bundle.MountRequest;

/** What a launch gets of the host on request, gathered by those who provide it. Not for several threads. */
public final class HostParts {
    private final List<MountRequest> mounts = new ArrayList<>();
    private final List<String> variables = new ArrayList<>();
    private final List<Hook> hooks = new ArrayList<>();
    private final List<String> librariesBefore = new ArrayList<>();
    private final List<String> librariesBehind = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    /** Mounts, in the order in which they were asked for. */
    public List<MountRequest> mounts() {
        return mounts;
    }

    /** {@code NAME=VALUE}. */
    public List<String> variables() {
        return variables;
    }

    /** For the runtime to run. */
    public List<Hook> hooks() {
        return hooks;
    }

    /** Directories of libraries that win over the image's. */
    public List<String> librariesBefore() {
        return librariesBefore;
    }

    /** Directories of libraries that the image lacks. */
    public List<String> librariesBehind() {
        return librariesBehind;
    }

    /** What the user should know, a line each. */
    public List<String> notes() {
        return notes;
    }
}
