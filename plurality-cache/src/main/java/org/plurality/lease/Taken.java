// SPDX-License-Identifier: Apache-2.0
package org.plurality.lease;

/**
 * A lease that was taken.
 *
 * @param id the lease's own, or one with the user's number or more added when another user has a file of that name
 * @param isNew whether it was not there before. Two processes that take one at once may both hear so, and a third may count on it from then
 *     on: only a lease that no other process takes is its taker's to release again
 */
public record Taken(LeaseId id, boolean isNew) {}
