package org.plurality.command;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.plurality.cache.Cache;
import org.plurality.cache.RootfsKind;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.inventory.Holding;
import org.plurality.lease.Holder;
import org.plurality.lease.LeaseId;
import org.plurality.progress.Progress;
import org.plurality.pull.PullRequest;
import org.plurality.pull.Puller;
import org.plurality.reference.Digest;
import org.plurality.registries.RegistriesConf;
import org.plurality.source.ImageSource;
import org.plurality.squashfs.SquashfsTools;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "resolve",
        description = {
            "Prints the digest that a registry gives each image's name now, and stages nothing in.",
            "A scheduler asks at submit, and stages in by that digest later."
        })
final class ResolveCommand implements Callable<Integer> {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "IMAGE", arity = "1..*", description = "[docker://][HOST[:PORT]/]NAME[:TAG][@DIGEST].")
    private List<String> images = new ArrayList<>();

    @Option(
            names = "--insecure-registry",
            paramLabel = "HOST[:PORT]",
            description = "May be spoken to over plain http. Can be given again.")
    private List<String> insecure = new ArrayList<>();

    @Option(names = "--authfile", paramLabel = "FILE", description = "Credentials of registries.")
    private @Nullable String authFile;

    @Option(
            names = "--lease",
            paramLabel = "ID",
            description = {
                "Hold them by a lease of this name, also what is not staged in yet: slurm-JOBID or pbs-JOBID.",
                "Can be given again: several jobs that want the same are looked up at once."
            })
    private List<String> leases = new ArrayList<>();

    private final Session session;

    ResolveCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws PluralityException {
        Settings settings = common.settings(session.environment())
                .withFlags(Key.INSECURE_REGISTRIES, insecure)
                .withFlag(Key.AUTH_FILE, authFile);
        RegistriesConf registries = RegistriesConf.load(settings.value(Key.REGISTRIES_CONF), session.environment());
        UnpackSettings unpacking = new UnpackSettings(settings, SquashfsTools.of(session.environment()));
        Puller puller = PullerGraph.of(settings, unpacking, session, common.debug());
        List<Digest> digests = new ArrayList<>();
        for (String image : images) {
            digests.add(resolve(puller, NamedImage.of(image, registries), settings));
        }
        Cache cache = Cache.openOrCreate(settings.cache());
        for (Digest digest : digests) {
            for (String lease : leases) {
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
        Holder holder = new HolderOptions().holder(id, session.environment(), Holding.now(cache));
        Holding.takeAhead(cache, digest, id, holder);
    }
}
