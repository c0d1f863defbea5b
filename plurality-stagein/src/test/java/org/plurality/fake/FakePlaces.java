// SPDX-License-Identifier: Apache-2.0
package org.plurality.fake;

import org.plurality.pull.ImagePlaces;
import org.plurality.registry.Registry;
import org.plurality.source.ImageSource;

/** Places for tests that know only some. */
public final class FakePlaces {
    private FakePlaces() {}

    public static ImagePlaces registries(Registry.Access access) {
        return (request, _, _) -> {
            if (request.source() instanceof ImageSource.InRegistry in) {
                return Registry.of(in.reference(), access);
            }
            throw new AssertionError(request.source() + " is in no registry");
        };
    }
}
