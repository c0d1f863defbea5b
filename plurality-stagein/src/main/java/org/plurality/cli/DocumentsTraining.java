// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli;

import java.util.Map;
import org.plurality.process.Processes;

/**
 * The run that the JVM watches to make the AOT cache of commands that read the documents of a cache and fetch nothing.
 *
 * <p>{@code DocumentsTraining IMAGE}: an image that is staged in.
 */
final class DocumentsTraining {
    private DocumentsTraining() {}

    public static void main(String[] arguments) {
        Map<String, String> environment = System.getenv();
        String image = arguments[0];
        int failed = StageInTraining.run(environment, 0, "path", image)
                + StageInTraining.run(environment, 0, "list")
                + StageInTraining.run(environment, 0, "list", "--long", "--json")
                + StageInTraining.run(environment, 0, "inspect", image)
                + StageInTraining.run(environment, 0, "status", image)
                + StageInTraining.run(environment, 0, "lease", "add", "--for", "1h", "--id", "training", image)
                + StageInTraining.run(environment, 0, "lease", "list")
                + StageInTraining.run(environment, 0, "lease", "release", "training")
                + StageInTraining.run(environment, 0, "pin", image)
                + StageInTraining.run(environment, 0, "unpin", image)
                + StageInTraining.run(environment, 0, "usage")
                + StageInTraining.run(environment, 0, "expire", "--dry-run")
                + StageInTraining.run(environment, 3, "path", "none")
                + StageInTraining.run(environment, 2, "path")
                + StageInTraining.run(environment, 0, "--version")
                + StageInTraining.run(environment, 0, "rm", "--force", image);
        System.err.println("trained " + StageIn.class.getName());
        Processes.halt(failed == 0 ? 0 : 1);
    }
}
