// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.credentials;

/** A password or token. Its text never shows it; {@link #reveal} is for the one place that sends it. */
public record Secret(String reveal) {
    @Override
    public String toString() {
        return "(secret)";
    }
}
