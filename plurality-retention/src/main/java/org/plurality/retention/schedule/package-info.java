// SPDX-License-Identifier: Apache-2.0
/**
 * Work on a schedule: {@link Daemon} runs {@link Task tasks} by Quartz's cron expressions, {@link MetricsFile}
 * writes their results. Knows nothing of the tasks' work. Specifications: Quartz 2.5's CronExpression, the
 * Prometheus text format 0.0.4.
 */
@NullMarked
package org.plurality.retention.schedule;

import org.jspecify.annotations.NullMarked;
