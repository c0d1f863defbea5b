// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/** A file for the launcher's scripts: on each line a name, a blank, and a value that goes on to the line's end. */
final class KeyValueFile {
    private final StringBuilder text = new StringBuilder();

    /** @throws PluralityException (USAGE) when the value has a line end in it */
    KeyValueFile add(String name, String value) throws PluralityException {
        if (value.indexOf('\n') >= 0) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot use the path '" + value.replace("\n", "\\n") + "': it has a line end in it",
                    "start from another directory, or use another cache");
        }
        text.append(name).append(' ').append(value).append('\n');
        return this;
    }

    void write(Path file) throws IOException {
        Files.writeString(file, text);
    }
}
