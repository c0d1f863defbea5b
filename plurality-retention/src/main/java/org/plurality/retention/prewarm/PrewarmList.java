// SPDX-License-Identifier: Apache-2.0
package org.plurality.retention.prewarm;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.plurality.config.TomlTables;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.image.ImageSource;
import org.plurality.reference.Platform;

/**
 * The list, in TOML:
 *
 * <pre>
 * [[image]]
 * reference = "docker.io/library/alpine:3.20"
 * platforms = ["linux/amd64", "linux/arm64"]   # default: this machine's
 * format = "auto"                              # as pull --format
 * pin = true                                   # default: false
 * </pre>
 */
public final class PrewarmList {
    private static final String TABLE = "image";
    private static final Set<String> KEYS = Set.of("reference", "platforms", "format", "pin");

    private PrewarmList() {}

    /**
     * @param usual platform of images for which the table names none
     * @throws PluralityException (USAGE) if the list is not valid; the message names the line or the image
     */
    public static List<WantedImage> read(Path file, Platform usual) throws PluralityException {
        try {
            List<WantedImage> wanted = new ArrayList<>();
            for (Map<String, List<String>> table : TomlTables.read(file, TABLE, KEYS)) {
                wanted.addAll(images(table, usual));
            }
            return wanted;
        } catch (IOException e) {
            throw unusable(file, PluralityException.reasonOf(e), e);
        } catch (IllegalArgumentException e) {
            throw unusable(file, String.valueOf(e.getMessage()), e);
        }
    }

    private static List<WantedImage> images(Map<String, List<String>> table, Platform usual)
            throws IOException, PluralityException {
        ImageSource source = ImageSource.parse(single(table, "reference", ""));
        String format = single(table, "format", "auto");
        String pin = single(table, "pin", "false");
        if (!pin.equals("true") && !pin.equals("false")) {
            throw new IOException("pin of " + source + " is '" + pin + "', neither true nor false");
        }
        List<WantedImage> images = new ArrayList<>();
        for (String platform : table.getOrDefault("platforms", List.of(usual.toString()))) {
            images.add(new WantedImage(source, Platform.parse(platform), format, pin.equals("true")));
        }
        return images;
    }

    private static String single(Map<String, List<String>> table, String key, String otherwise) throws IOException {
        List<String> values = table.get(key);
        if (values == null) {
            if (otherwise.isEmpty()) {
                throw new IOException("an image has no " + key);
            }
            return otherwise;
        }
        if (values.size() != 1) {
            throw new IOException(key + " is to be one value");
        }
        return values.get(0);
    }

    private static PluralityException unusable(Path file, String why, Exception cause) {
        return new PluralityException(
                FailureKind.USAGE,
                "cannot use the list " + file + ": " + why,
                "share/examples/prewarm.toml of the installation shows how it is written",
                cause);
    }
}
