// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.prewarm;

import java.util.List;
import java.util.function.Consumer;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/**
 * Stages in all images of a list. Images that are staged in and whose tags have not moved are left as they are. So it
 * may run any number of times, on several hosts at once; a second process waits for the first. The failure of one
 * image does not prevent the others from being staged in.
 */
public final class Prewarm {
    private final Stage stage;
    private final Consumer<PluralityException> failures;

    /** Stages one image in; returns whether it was already present. */
    @FunctionalInterface
    public interface Stage {
        boolean stage(WantedImage image) throws PluralityException;
    }

    /** The outcome for a list, in numbers of images. */
    public record Outcome(int present, int staged, int failed, int exitCode) {}

    /** @param failures receives each failure as soon as it occurs */
    public Prewarm(Stage stage, Consumer<PluralityException> failures) {
        this.stage = stage;
        this.failures = failures;
    }

    public Outcome run(List<WantedImage> wanted) throws PluralityException {
        int present = 0;
        int staged = 0;
        int failed = 0;
        int worst = 0;
        for (WantedImage image : wanted) {
            try {
                if (stage.stage(image)) {
                    present++;
                } else {
                    staged++;
                }
            } catch (PluralityException e) {
                if (e.kind() == FailureKind.INTERRUPTED) {
                    throw e;
                }
                failed++;
                worst = Math.max(worst, e.kind().exitCode());
                failures.accept(e);
            }
        }
        return new Outcome(present, staged, failed, worst);
    }
}
