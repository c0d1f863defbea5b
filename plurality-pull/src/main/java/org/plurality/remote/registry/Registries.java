// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import java.util.ArrayList;
import java.util.List;
import org.plurality.failure.PluralityException;
import org.plurality.image.ImageReader;
import org.plurality.reference.ImageReference;
import org.plurality.remote.conf.Endpoint;
import org.plurality.remote.conf.RegistriesConf;

/**
 * Opens images of registries, where {@code registries.conf} says that they are.
 *
 * @param conf what it says
 * @param access what all registries of the run share
 */
public record Registries(RegistriesConf conf, Registry.Access access) {
    /** Sends nothing yet. */
    public ImageReader open(ImageReference reference) throws PluralityException {
        List<Registry> places = new ArrayList<>();
        for (Endpoint endpoint : conf.endpoints(reference)) {
            places.add(Registry.of(endpoint.reference(), of(endpoint)));
        }
        boolean isPlain = places.size() == 1 && places.getFirst().names().contains(reference);
        return isPlain ? places.getFirst() : new MirroredRegistry(reference, places);
    }

    /** For a mirror few attempts are enough: another place follows. */
    private Registry.Access of(Endpoint endpoint) {
        Registry.Access fit = access.and(access.insecure()
                .and(endpoint.insecure() ? List.of(endpoint.reference().registry()) : List.of()));
        return endpoint.mirror() ? fit.and(access.patience().forMirrors()) : fit;
    }
}
