// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.schedule;

import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.quartz.CronExpression;

/**
 * A task and its schedule.
 *
 * @param name one word, also used in metrics
 * @param cron Quartz's cron expression, seconds first, in the host's time zone; {@code never} disables the task
 * @param setting the setting that contains the expression, for errors
 */
public record ScheduledTask(String name, String cron, String setting, Task task) {
    private static final String NEVER = "never";

    /** @throws PluralityException (USAGE) if the expression is not valid */
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
