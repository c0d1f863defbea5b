// SPDX-License-Identifier: Apache-2.0
package org.plurality.stepped;

import java.io.IOException;
import java.nio.file.Path;

/** Is asked at each call that changes the filesystem, and may make it fail. */
public interface Faults {
    /** None. */
    Faults NONE = new Faults() {};

    /** Before the call: what is thrown keeps it from being made. */
    default void before(Path path) throws IOException {}

    /** After a rename: what is thrown is all that its caller hears of it. */
    default void renamed(Path target) throws IOException {}
}
