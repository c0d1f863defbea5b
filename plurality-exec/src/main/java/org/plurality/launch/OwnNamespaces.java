// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/**
 * Namespaces that the pause process makes for ranks besides its user and mount namespaces.
 *
 * @param ipc for System V IPC and message queues
 * @param network with a loopback interface only
 */
record OwnNamespaces(boolean ipc, boolean network) {

    /** @throws PluralityException (USAGE) when the network is none that there is */
    static OwnNamespaces of(LaunchRequest request) throws PluralityException {
        boolean none = false;
        for (String network : request.all(Option.NETWORK)) {
            none = network.equals("none");
            if (!none && !network.equals("host")) {
                throw new PluralityException(
                        FailureKind.USAGE,
                        "cannot use the network '" + network + "': it is neither host nor none",
                        "write --network none for a container without a network");
            }
        }
        return new OwnNamespaces(request.has(Option.IPC), none);
    }

    /** Returns the kernel's words for them, each behind a blank. */
    String kinds() {
        return (ipc ? " ipc" : "") + (network ? " net" : "");
    }

    /** Returns their names, for people. */
    String words() {
        return (ipc ? ", IPC" : "") + (network ? ", network" : "");
    }
}
