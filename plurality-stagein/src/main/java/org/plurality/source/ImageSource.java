package org.plurality.source;

import java.util.Set;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.reference.ImageReference;

/** What a user names to stage in. */
public sealed interface ImageSource {
    /** An image in a registry, spoken to over the distribution API. */
    record InRegistry(ImageReference reference) implements ImageSource {}

    /** Names of transports that other tools know. None is a host with a port: that has only digits after its colon. */
    Set<String> OTHER_TRANSPORTS = Set.of(
            "docker-daemon",
            "docker-archive",
            "oci",
            "oci-archive",
            "sif",
            "squashfs",
            "dir",
            "containers-storage",
            "library",
            "oras",
            "shub",
            "http",
            "https",
            "file");

    /**
     * @param text {@code [docker://]REFERENCE}
     * @throws PluralityException (USAGE) when it is none, or of a transport that is not read here
     */
    static ImageSource parse(String text) throws PluralityException {
        String rest = text;
        if (text.startsWith("docker://")) {
            rest = text.substring("docker://".length());
        } else {
            int colon = text.indexOf(':');
            String transport = colon < 0 ? "" : text.substring(0, colon);
            // "oci:3" could be an image of that name; "oci:/path" and "oci://…" could not.
            if (OTHER_TRANSPORTS.contains(transport) && text.indexOf('/', colon) >= 0) {
                throw new PluralityException(
                        FailureKind.USAGE,
                        "cannot use the source '" + text + "': images are not read from " + transport + ": here",
                        "name an image in a registry: [docker://][HOST[:PORT]/]NAME[:TAG][@DIGEST]; 'skopeo copy'"
                                + " brings others there");
            }
        }
        try {
            return new InRegistry(ImageReference.parse(rest));
        } catch (IllegalArgumentException e) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot use the source '" + text + "': " + e.getMessage(),
                    "write it like alpine:3.20, or registry.example.org:5000/group/name:tag",
                    e);
        }
    }
}
