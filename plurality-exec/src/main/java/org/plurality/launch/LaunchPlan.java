// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import java.nio.file.Path;
import java.util.List;
import org.plurality.bundle.MountPlan;
import org.plurality.bundle.RuntimeSpec;
import org.plurality.bundle.UserIds;
import org.plurality.cache.Entry;
import org.plurality.environment.RankEnvironment;

/**
 * All that was decided about a launch.
 *
 * @param image as the user named it
 * @param entry in a cache
 * @param ids of the user
 * @param mounts with their reasons
 * @param rank variables that every rank gets
 * @param clean whether the host's variables are left out, but for some
 * @param command of the rank that asks
 * @param usual command of a rank that names none, or nothing
 * @param entrypoint what stands in front of a rank's own command, or nothing
 * @param workDirectory where ranks start
 * @param own namespaces of the container's own, besides those for users, mounts and processes
 * @param spec for the runtime
 */
record LaunchPlan(
        String image,
        Entry entry,
        UserIds ids,
        Path runtime,
        MountPlan mounts,
        RankEnvironment rank,
        boolean clean,
        List<String> command,
        List<String> usual,
        List<String> entrypoint,
        String workDirectory,
        OwnNamespaces own,
        RuntimeSpec spec) {}
