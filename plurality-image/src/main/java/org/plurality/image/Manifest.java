// SPDX-License-Identifier: Apache-2.0
package org.plurality.image;

import java.util.List;
import org.plurality.reference.Digest;

/** A document of a manifest route, verified against its digest. */
public sealed interface Manifest {
    /** Of the exact bytes. */
    Digest digest();

    /**
     * Images for several platforms.
     *
     * @param unreadable how many more it lists with digests of an algorithm that is not known here
     */
    record Index(Digest digest, List<Descriptor> manifests, int unreadable) implements Manifest {
        public Index {
            manifests = List.copyOf(manifests);
        }
    }

    /** One image. */
    final class Image implements Manifest {
        private final Digest digest;
        private final byte[] bytes;
        private final Descriptor config;
        private final List<Descriptor> layers;

        public Image(Digest digest, byte[] bytes, Descriptor config, List<Descriptor> layers) {
            this.digest = digest;
            this.bytes = bytes.clone();
            this.config = config;
            this.layers = List.copyOf(layers);
        }

        @Override
        public Digest digest() {
            return digest;
        }

        /** The document as the registry sent it. */
        public byte[] bytes() {
            return bytes.clone();
        }

        public Descriptor config() {
            return config;
        }

        /** The lowest first. */
        public List<Descriptor> layers() {
            return layers;
        }
    }
}
