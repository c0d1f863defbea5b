// SPDX-License-Identifier: Apache-2.0
package org.plurality.device;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.plurality.json.JsonObject;

/**
 * One specification file.
 *
 * @param file it was read from
 * @param kind {@code vendor/class} of its devices
 * @param common edits for each container that has any of them
 * @param devices edits by device name
 */
record CdiSpec(Path file, String kind, JsonObject common, Map<String, JsonObject> devices) {
    private static final List<String> MEMBERS =
            List.of("cdiVersion", "kind", "annotations", "devices", "containerEdits");

    CdiSpec {
        devices = Map.copyOf(devices);
    }

    /** @throws IOException when it is none, or of a version that is not known */
    static CdiSpec of(Path file, JsonObject document) throws IOException {
        for (String member : document.names()) {
            if (!MEMBERS.contains(member)) {
                throw new IOException("its field '" + member + "' is not known");
            }
        }
        String kind = document.string("kind");
        if (kind.indexOf('/') <= 0 || kind.endsWith("/")) {
            throw new IOException("its kind '" + kind + "' is not VENDOR/CLASS");
        }
        CdiVersion.check(document, kind);
        Map<String, JsonObject> devices = new LinkedHashMap<>();
        for (JsonObject device : document.objects("devices")) {
            if (devices.putIfAbsent(device.string("name"), device.object("containerEdits")) != null) {
                throw new IOException("it names the device " + device.string("name") + " twice");
            }
        }
        return new CdiSpec(file, kind, document.object("containerEdits"), devices);
    }
}
