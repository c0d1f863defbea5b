// SPDX-License-Identifier: Apache-2.0
package org.plurality.lease;

/**
 * A lease that was taken.
 *
 * @param id the lease's own id. If another user has a file of that name, the user's number or a random suffix is added
 * @param isNew whether the lease did not exist before. Two processes that take a lease at once may both get true, and
 *     a third may rely on the lease from then on. So release a lease again only if no other process takes it
 */
public record Taken(LeaseId id, boolean isNew) {}
