package org.plurality.image;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.plurality.json.JsonObject;
import org.plurality.reference.Digest;

/**
 * What stage-in reads of an image configuration; what is in it for the container is read, from the same bytes, when one starts.
 *
 * @param os empty when not said
 * @param architecture empty when not said
 * @param diffIds of the uncompressed layers, the lowest first
 * @param workingDirectory absolute, or empty
 */
public record ImageConfig(String os, String architecture, List<Digest> diffIds, String workingDirectory) {
    public ImageConfig {
        diffIds = List.copyOf(diffIds);
    }

    /** @throws IOException when it is no image's configuration; the message says why */
    public static ImageConfig parse(byte[] bytes) throws IOException {
        JsonObject json = JsonObject.parse(bytes);
        List<Digest> diffIds = new ArrayList<>();
        try {
            for (String diffId : json.object("rootfs").strings("diff_ids")) {
                diffIds.add(Digest.parse(diffId));
            }
        } catch (IllegalArgumentException e) {
            // Without its message, which quotes what the registry sent.
            throw new IOException("a diff_id is no digest that is read here");
        }
        String workingDirectory = json.object("config").optionalString("WorkingDir");
        String os = json.optionalString("os");
        String architecture = json.optionalString("architecture");
        return new ImageConfig(
                os == null ? "" : os,
                architecture == null ? "" : architecture,
                diffIds,
                workingDirectory == null ? "" : workingDirectory);
    }
}
