package org.plurality.schedule;

import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.quartz.CronExpression;

/**
 * A task and when it runs.
 *
 * @param name one word, also in metrics
 * @param cron in Quartz's form, seconds first, by the host's time zone; {@code never} for not at all
 * @param setting that holds it, for errors
 */
public record ScheduledTask(String name, String cron, String setting, Task task) {
    private static final String NEVER = "never";

    /** @throws PluralityException (USAGE) when the expression is none */
    public ScheduledTask checked() throws PluralityException {
        if (!isNever() && !CronExpression.isValidExpression(cron)) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot use " + setting + " = " + cron + ": it is no cron expression of Quartz",
                    "write seconds, minutes, hours, day of month, month, day of week, as in '0 30 2 * * ?', or never");
        }
        return this;
    }

    boolean isNever() {
        return cron.equals(NEVER);
    }
}
