// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import okhttp3.HttpUrl;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.image.BlobTransfer;

/**
 * Blobs that the registry does not have, from where their manifest says that they are, one place after another. No credentials are sent
 * there, the registry's own origin included, and plain http only goes to whom the setting allows it. Size and digest are verified as
 * everywhere.
 */
final class ForeignBlobs {
    private final BlobEndpoint blobs;
    private final InsecureRegistries insecure;

    /** @param blobs whose caller has no credentials */
    ForeignBlobs(BlobEndpoint blobs, InsecureRegistries insecure) {
        this.blobs = blobs;
        this.insecure = insecure;
    }

    /** Returns once all bytes are received and were found to be right. */
    void get(BlobTransfer transfer, String what) throws PluralityException {
        FailureKind last = FailureKind.NOT_FOUND;
        for (String place : transfer.blob().urls()) {
            HttpUrl url = HttpUrl.parse(place);
            if (url == null || !(url.isHttps() || insecure.allow(url))) {
                continue;
            }
            try {
                blobs.get(url, transfer, "cannot fetch " + what + " from where its manifest says");
                return;
            } catch (PluralityException e) {
                if (!isForTheNext(e.kind())) {
                    throw e;
                }
                last = e.kind() == FailureKind.NETWORK ? FailureKind.NETWORK : FailureKind.NOT_FOUND;
            }
        }
        // Without names and reasons: a registry could have written what was just sent to it into the addresses.
        throw new PluralityException(
                last,
                "cannot fetch " + what
                        + ": the registry does not have it, and none of the other places that its manifest"
                        + " names gives it",
                "ask who publishes the image to push its foreign layers, too; no credentials are sent to other places, and"
                        + " plain http is spoken only to those in 'insecure_registries'");
    }

    private static boolean isForTheNext(FailureKind kind) {
        return kind == FailureKind.NETWORK || kind == FailureKind.NOT_FOUND || kind == FailureKind.NOT_AUTHORISED;
    }
}
