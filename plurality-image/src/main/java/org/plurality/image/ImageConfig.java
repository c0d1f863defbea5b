// SPDX-License-Identifier: Apache-2.0
package org.plurality.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plurality.document.Documents;
import org.plurality.reference.Digest;
import org.plurality.reference.Platform;

/**
 * What stage-in reads of an image configuration; what is in it for the container is read, from the same bytes, when one
 * starts.
 *
 * @param os empty when not said
 * @param architecture in Go's name; empty when not said
 * @param diffIds of the uncompressed layers, the lowest first
 * @param workingDirectory absolute, or empty
 */
public record ImageConfig(String os, String architecture, List<Digest> diffIds, String workingDirectory) {
    /** Most variables that a launch takes. */
    private static final int MAX_VARIABLES = 10_000;

    /** Linux takes no longer argument or variable ({@code MAX_ARG_STRLEN}, its end included). */
    private static final int MAX_ARGUMENT_BYTES = (128 << 10) - 1;

    public ImageConfig {
        diffIds = List.copyOf(diffIds);
    }

    /** @throws IOException when it is no image's configuration; the message says why */
    public static ImageConfig parse(byte[] bytes) throws IOException {
        return of(Documents.read(bytes, ImageDocument.class));
    }

    /**
     * Reads the configuration of an image that is to be run.
     *
     * @throws IOException also when no container could be started with it
     */
    public static ImageConfig parseRunnable(byte[] bytes) throws IOException {
        ImageDocument document = Documents.read(bytes, ImageDocument.class);
        ImageDocument.Config config = document.configOrEmpty();
        if (config.env() != null && config.env().size() > MAX_VARIABLES) {
            throw new IOException(
                    "it sets " + config.env().size() + " environment variables, more than " + MAX_VARIABLES);
        }
        requireShort("Env", config.env());
        requireShort("Entrypoint", config.entrypoint());
        requireShort("Cmd", config.cmd());
        return of(document);
    }

    private static void requireShort(String name, @Nullable List<String> texts) throws IOException {
        for (String text : texts == null ? List.<String>of() : texts) {
            // Most are far from it: a character has three bytes at most.
            if (text.length() > MAX_ARGUMENT_BYTES / 3
                    && text.getBytes(StandardCharsets.UTF_8).length > MAX_ARGUMENT_BYTES) {
                throw new IOException("an element of \"" + name + "\" is longer than the " + MAX_ARGUMENT_BYTES
                        + " bytes that Linux takes");
            }
        }
    }

    private static ImageConfig of(ImageDocument document) throws IOException {
        List<Digest> diffIds = new ArrayList<>();
        try {
            for (String diffId : document.diffIds()) {
                diffIds.add(Digest.parse(diffId));
            }
        } catch (IllegalArgumentException e) {
            // Without its message, which quotes what the registry sent.
            throw new IOException("a diff_id is no digest that is read here");
        }
        return new ImageConfig(
                orEmpty(document.os()),
                Platform.goName(orEmpty(document.architecture())),
                diffIds,
                orEmpty(document.configOrEmpty().workingDir()));
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
