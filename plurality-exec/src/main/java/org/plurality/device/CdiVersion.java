// SPDX-License-Identifier: Apache-2.0
package org.plurality.device;

import java.io.IOException;
import java.util.List;
import org.plurality.json.JsonObject;

/**
 * Versions of the CDI specification, and which of them first had what a file uses.
 *
 * <p>A file must be of that version or a later one: a runtime that knows an older version only would leave the field
 * out without a word.
 */
final class CdiVersion {
    private static final List<String> RELEASED =
            List.of("0.1.0", "0.2.0", "0.3.0", "0.4.0", "0.5.0", "0.6.0", "0.7.0", "0.8.0", "1.0.0", "1.1.0");

    private static final String EARLIEST = "0.3.0";

    /** The latest that anything needed so far. */
    private int needed = RELEASED.indexOf(EARLIEST);

    private String reason = "this format";

    private CdiVersion() {}

    /** @throws IOException when its version is not known, or older than what it uses */
    static void check(JsonObject document, String kind) throws IOException {
        String text = document.string("cdiVersion");
        int version = RELEASED.indexOf(text.startsWith("v") ? text.substring(1) : text);
        if (version < 0) {
            throw new IOException("its cdiVersion " + text + " is none of " + String.join(", ", RELEASED));
        }
        CdiVersion all = new CdiVersion();
        all.document(document, kind);
        if (version < all.needed) {
            throw new IOException("its cdiVersion is " + text + ", but " + all.reason + " needs "
                    + RELEASED.get(all.needed) + " at least");
        }
    }

    private void document(JsonObject document, String kind) throws IOException {
        need(document.has("annotations"), "0.6.0", "'annotations'");
        need(kind.indexOf('.', kind.indexOf('/')) >= 0, "0.6.0", "a dot in the class of '" + kind + "'");
        edits(document.object("containerEdits"));
        for (JsonObject device : document.objects("devices")) {
            String name = device.string("name");
            boolean digit = !name.isEmpty() && name.charAt(0) >= '0' && name.charAt(0) <= '9';
            need(digit, "0.5.0", "the name '" + name + "', which begins with a digit,");
            need(device.has("annotations"), "0.6.0", "'annotations' of the device " + name);
            edits(device.object("containerEdits"));
        }
    }

    private void edits(JsonObject edits) throws IOException {
        for (JsonObject mount : edits.objects("mounts")) {
            need(mount.has("type"), "0.4.0", "'type' of a mount");
        }
        for (JsonObject node : edits.objects("deviceNodes")) {
            need(node.has("hostPath"), "0.5.0", "'hostPath' of a device node");
        }
        need(edits.has("intelRdt"), "0.7.0", "'intelRdt'");
        need(edits.has("additionalGids"), "0.7.0", "'additionalGids'");
        need(edits.has("netDevices"), "1.1.0", "'netDevices'");
        if (edits.has("intelRdt")) {
            JsonObject rdt = edits.object("intelRdt");
            need(rdt.has("schemata"), "1.1.0", "'schemata' of 'intelRdt'");
            need(rdt.has("enableMonitoring"), "1.1.0", "'enableMonitoring' of 'intelRdt'");
        }
    }

    private void need(boolean used, String version, String what) {
        int number = RELEASED.indexOf(version);
        if (used && number > needed) {
            needed = number;
            reason = what;
        }
    }
}
