// SPDX-License-Identifier: Apache-2.0
package org.plurality.trust;

import java.util.List;
import org.plurality.failure.PluralityException;
import org.plurality.reference.Digest;

/** A place that has signatures beside its images. */
@FunctionalInterface
public interface SignatureSource {
    /**
     * What is stored there as signatures of a manifest or an index; nothing of it is verified. Bounded in number and size.
     *
     * @return none when there are none
     */
    List<StoredSignature> signatures(Digest manifest) throws PluralityException;
}
