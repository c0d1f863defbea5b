// SPDX-License-Identifier: Apache-2.0
package org.plurality.manual;

import org.plurality.config.Key;

/** A {@code plurality.toml} in which every key stands as a comment. */
final class SampleSettings {
    private SampleSettings() {}

    static String text() {
        StringBuilder text = new StringBuilder("""
                # Settings of Plurality: the site's in /etc/plurality/plurality.toml, a user's in ~/.config/plurality/plurality.toml.
                # Each line that is commented out is at its default. plurality.toml(5) says more.
                """);
        for (Key key : Key.values()) {
            text.append("\n# ").append(key.meaning()).append('\n');
            text.append('#')
                    .append(key.key())
                    .append(key.isList() ? " = []" : " = \"\"")
                    .append('\n');
        }
        return text.toString();
    }
}
