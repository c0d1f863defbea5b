// SPDX-License-Identifier: Apache-2.0
package org.plurality.fake;

import org.plurality.image.ImageSource;
import org.plurality.pull.ImageSourceOpener;
import org.plurality.remote.registry.Registry;

/** Places for tests that know only some. */
public final class FakePlaces {
    private FakePlaces() {}

    public static ImageSourceOpener registries(Registry.Access access) {
        return (request, _, _) -> {
            if (request.source() instanceof ImageSource.InRegistry in) {
                return Registry.of(in.reference(), access);
            }
            throw new AssertionError(request.source() + " is in no registry");
        };
    }
}
