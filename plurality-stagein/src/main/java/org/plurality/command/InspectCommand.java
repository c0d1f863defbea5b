package org.plurality.command;

import java.util.concurrent.Callable;
import org.plurality.config.Settings;
import org.plurality.failure.PluralityException;
import org.plurality.inventory.Image;
import org.plurality.inventory.Inventory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "inspect", description = "Prints what is known of a staged image, as JSON.")
final class InspectCommand implements Callable<Integer> {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "IMAGE", description = "A reference, a digest, or the beginning of a digest.")
    private String wanted = "";

    private final Session session;

    InspectCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws PluralityException {
        Settings settings = common.settings(session.environment());
        Image image = new Inventory(common.caches(settings)).findNamed(wanted, settings.platform());
        JsonOutput.print(session.out(), out -> JsonOutput.writeImage(out, image));
        return 0;
    }
}
