// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import java.net.SocketTimeoutException;

/** A server took a request, and did not begin to answer within the time that the setting allows. */
final class NoAnswerException extends SocketTimeoutException {
    private static final long serialVersionUID = 1;

    NoAnswerException() {
        super("no answer in time");
    }
}
