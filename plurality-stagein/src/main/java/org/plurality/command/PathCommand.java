package org.plurality.command;

import java.util.concurrent.Callable;
import org.plurality.config.Settings;
import org.plurality.failure.PluralityException;
import org.plurality.inventory.Image;
import org.plurality.inventory.Inventory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "path",
        description = "Prints the absolute path of the root filesystem of a staged image, and nothing else.")
final class PathCommand implements Callable<Integer> {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "IMAGE", description = "A reference, a digest, or the beginning of a digest.")
    private String wanted = "";

    private final Session session;

    PathCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws PluralityException {
        Settings settings = common.settings(session.environment());
        Image image = new Inventory(common.caches(settings)).find(wanted, settings.platform());
        session.out().println(image.entry().rootfs());
        return 0;
    }
}
