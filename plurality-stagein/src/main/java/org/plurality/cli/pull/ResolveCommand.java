// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli.pull;

import java.util.ArrayList;
import java.util.List;
import org.plurality.app.Session;
import org.plurality.app.pull.NamedImage;
import org.plurality.app.pull.PullerFactory;
import org.plurality.app.pull.UnpackSettings;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.arguments.Value;
import org.plurality.arguments.Values;
import org.plurality.cache.Cache;
import org.plurality.cache.RootfsKind;
import org.plurality.cli.common.CommonOptions;
import org.plurality.cli.common.HolderOptions;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.display.Progress;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.image.ImageSource;
import org.plurality.lease.Holder;
import org.plurality.lease.LeaseId;
import org.plurality.pull.PullRequest;
import org.plurality.pull.Puller;
import org.plurality.reference.Digest;
import org.plurality.remote.conf.RegistriesConf;
import org.plurality.retention.inventory.Holding;
import org.plurality.unpack.squashfs.SquashfsTools;

public final class ResolveCommand implements Command {
    private final Arguments arguments = new Arguments(
            "resolve",
            "Prints the digest that a registry gives each image's name now, and stages nothing in.",
            "A scheduler asks at submit, and stages in by that digest later.");
    private final CommonOptions common = new CommonOptions(arguments);
    private final Values images = arguments.parameters(1, "IMAGE", "[docker://][HOST[:PORT]/]NAME[:TAG][@DIGEST].");
    private final Values insecure = arguments.options(
            "--insecure-registry", "HOST[:PORT]", "May be spoken to over plain http. Can be given again.");
    private final Value<String> authFile = arguments.option("--authfile", "FILE", "Credentials of registries.");
    private final Values leases = arguments.options(
            "--lease",
            "ID",
            "Hold them by a lease of this name, also what is not staged in yet: slurm-JOBID or pbs-JOBID.",
            "Can be given again: several jobs that want the same are looked up at once.");

    private final Session session;

    public ResolveCommand(Session session) {
        this.session = session;
    }

    @Override
    public Arguments arguments() {
        return arguments;
    }

    @Override
    public Integer call() throws PluralityException {
        Settings settings = common.settings(session.environment())
                .withFlags(Key.INSECURE_REGISTRIES, insecure.get())
                .withFlag(Key.AUTH_FILE, authFile.get());
        RegistriesConf registries = RegistriesConf.load(settings.value(Key.REGISTRIES_CONF), session.environment());
        UnpackSettings unpacking = new UnpackSettings(settings, SquashfsTools.of(session.environment()));
        List<Digest> digests = new ArrayList<>();
        try (PullerFactory graph = new PullerFactory(settings, session, common.debug())) {
            Puller puller = graph.puller(unpacking);
            for (String image : images.get()) {
                digests.add(resolve(puller, NamedImage.of(image, registries), settings));
            }
        }
        Cache cache = Cache.openOrCreate(settings.cache());
        for (Digest digest : digests) {
            for (String lease : leases.get()) {
                hold(cache, digest, HolderOptions.id(lease));
            }
            session.out().println(digest);
        }
        return 0;
    }

    /** By the first place that has it, as a pull does. */
    private Digest resolve(Puller puller, NamedImage image, Settings settings) throws PluralityException {
        for (int i = 0; ; i++) {
            ImageSource source = image.sources().get(i);
            if (!(source instanceof ImageSource.InRegistry)) {
                throw new PluralityException(
                        FailureKind.USAGE,
                        "cannot resolve " + source + ": only names in registries stand for something else by and by",
                        "plurality-stagein pull stages it in and prints its digest");
            }
            try (Progress progress = session.progress("none")) {
                return puller.resolve(new PullRequest(source, null, settings.platform(), RootfsKind.DIR), progress);
            } catch (PluralityException e) {
                boolean isElsewhere = e.kind() == FailureKind.NOT_FOUND || e.kind() == FailureKind.NOT_AUTHORISED;
                if (!isElsewhere || i == image.sources().size() - 1) {
                    throw e;
                }
            }
        }
    }

    private void hold(Cache cache, Digest digest, LeaseId id) throws PluralityException {
        Holder holder = HolderOptions.fromSurroundings(id, session.environment());
        Holding.takeAhead(cache, digest, id, holder);
    }
}
