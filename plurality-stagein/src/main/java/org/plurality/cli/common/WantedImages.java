// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli.common;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Values;
import org.plurality.config.Settings;
import org.plurality.failure.PluralityException;
import org.plurality.retention.inventory.Image;
import org.plurality.retention.inventory.Inventory;

/** Images of one's own cache that a command is about. */
public final class WantedImages {
    private final CommonOptions common;
    private final Values wanted;

    public WantedImages(Arguments arguments) {
        common = new CommonOptions(arguments);
        wanted = arguments.parameters(1, "IMAGE", "References, digests, or their beginnings.");
    }

    /** @throws PluralityException when one is not staged in */
    public List<Image> find(Map<String, String> environment) throws PluralityException {
        Settings settings = common.settings(environment);
        Inventory inventory = new Inventory(List.of(settings.cache()));
        List<Image> images = new ArrayList<>();
        for (String text : wanted.get()) {
            images.add(inventory.find(text, settings.platform()));
        }
        return images;
    }
}
