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
 * Opens images of registries at the locations that {@code registries.conf} names.
 *
 * @param conf the parsed registries.conf
 * @param access the settings and clients that all registries of the run share
 */
public record Registries(RegistriesConf conf, Registry.Access access) {
    /** Opens an image. No request is sent yet. */
    public ImageReader open(ImageReference reference) throws PluralityException {
        List<Registry> places = new ArrayList<>();
        for (Endpoint endpoint : conf.endpoints(reference)) {
            places.add(Registry.of(endpoint.reference(), of(endpoint)));
        }
        boolean isPlain = places.size() == 1 && places.getFirst().names().contains(reference);
        return isPlain ? places.getFirst() : new MirroredRegistry(reference, places);
    }

    /** Returns the access for an endpoint. A mirror gets few attempts, because another endpoint follows it. */
    private Registry.Access of(Endpoint endpoint) {
        Registry.Access fit = access.and(access.insecure()
                .and(endpoint.insecure() ? List.of(endpoint.reference().registry()) : List.of()));
        return endpoint.mirror() ? fit.and(access.patience().forMirrors()) : fit;
    }
}
