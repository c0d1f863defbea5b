// SPDX-License-Identifier: Apache-2.0
package org.plurality.command;

import java.util.Map;
import org.plurality.process.Exit;

/**
 * What the JVM watches when the AOT cache of those commands is made that look at a cache's documents and fetch nothing.
 *
 * <p>{@code DocumentsTraining IMAGE}: one that is staged in.
 */
final class DocumentsTraining {
    private DocumentsTraining() {}

    public static void main(String[] arguments) {
        Map<String, String> environment = System.getenv();
        String image = arguments[0];
        int failed = Training.run(environment, 0, "path", image)
                + Training.run(environment, 0, "list")
                + Training.run(environment, 0, "list", "--long", "--json")
                + Training.run(environment, 0, "inspect", image)
                + Training.run(environment, 0, "status", image)
                + Training.run(environment, 0, "lease", "add", "--for", "1h", "--id", "training", image)
                + Training.run(environment, 0, "lease", "list")
                + Training.run(environment, 0, "lease", "release", "training")
                + Training.run(environment, 0, "pin", image)
                + Training.run(environment, 0, "unpin", image)
                + Training.run(environment, 0, "usage")
                + Training.run(environment, 0, "expire", "--dry-run")
                + Training.run(environment, 3, "path", "none")
                + Training.run(environment, 2, "path")
                + Training.run(environment, 0, "--version")
                + Training.run(environment, 0, "rm", "--force", image);
        System.err.println("trained " + StageIn.class.getName());
        Exit.with(failed == 0 ? 0 : 1);
    }
}
