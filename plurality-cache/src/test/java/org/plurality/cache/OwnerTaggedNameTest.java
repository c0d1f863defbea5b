// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.plurality.process.ProcessIdentity;

class OwnerTaggedNameTest {
    @Test
    void eachNameIsNewAndSaysWhoseProcessMadeIt() throws Exception {
        Set<Path> names = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            Path name = OwnerTaggedName.in(Path.of("directory"), "what");
            assertThat(OwnerTaggedName.ownerOf(name)).contains(ProcessIdentity.current());
            names.add(name);
        }
        assertThat(names).hasSize(1000).allMatch(name -> name.startsWith("directory"));
    }

    @Test
    void aNameOfAnotherKindIsNobodys() {
        assertThat(OwnerTaggedName.ownerOf(Path.of("directory/what-else"))).isEmpty();
    }
}
