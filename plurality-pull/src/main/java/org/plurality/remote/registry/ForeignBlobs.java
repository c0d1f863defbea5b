// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.registry;

import okhttp3.HttpUrl;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.image.BlobTransfer;

/**
 * Fetches blobs that the registry does not have from the URLs that their manifest names, one after another. No
 * credentials are sent to these URLs, not even on the registry's own origin. Plain http is only used with hosts that
 * the setting allows. Size and digest are verified as for every blob.
 */
final class ForeignBlobs {
    private final BlobEndpoint blobs;
    private final InsecureRegistries insecure;

    /** @param blobs an endpoint whose client has no credentials */
    ForeignBlobs(BlobEndpoint blobs, InsecureRegistries insecure) {
        this.blobs = blobs;
        this.insecure = insecure;
    }

    /** Fetches the blob; returns once all bytes are received and verified. */
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
        // The message omits names and reasons: a registry could have put a secret that it just received into the URLs.
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
