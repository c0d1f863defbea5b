package org.plurality.prewarm;

import java.util.List;
import java.util.function.Consumer;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/**
 * Stages a list in. What is there and has not moved is left as it is, so it may run as often as one likes, on several hosts at once; who comes
 * second waits for the first. One image's failure does not keep the others from being staged.
 */
public final class Prewarm {
    private final Stage stage;
    private final Consumer<PluralityException> failures;

    /** Stages one image in; returns whether it was there already. */
    @FunctionalInterface
    public interface Stage {
        boolean stage(WantedImage image) throws PluralityException;
    }

    /** What became of a list. */
    public record Outcome(int present, int staged, int failed, int exitCode) {}

    /** @param failures is told of each at once */
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
