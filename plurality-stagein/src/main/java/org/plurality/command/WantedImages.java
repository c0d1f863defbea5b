package org.plurality.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.plurality.config.Settings;
import org.plurality.failure.PluralityException;
import org.plurality.inventory.Image;
import org.plurality.inventory.Inventory;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Images of one's own cache that a command is about. */
final class WantedImages {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "IMAGE", arity = "1..*", description = "References, digests, or their beginnings.")
    private List<String> wanted = new ArrayList<>();

    /** @throws PluralityException when one is not staged in */
    List<Image> find(Map<String, String> environment) throws PluralityException {
        Settings settings = common.settings(environment);
        Inventory inventory = new Inventory(List.of(settings.cache()));
        List<Image> images = new ArrayList<>();
        for (String text : wanted) {
            images.add(inventory.find(text, settings.platform()));
        }
        return images;
    }
}
