package org.plurality.command;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.plurality.cache.RootfsKind;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.lease.Holder;
import org.plurality.lease.LeaseId;
import org.plurality.progress.Progress;
import org.plurality.pull.PullRequest;
import org.plurality.pull.PullResult;
import org.plurality.reference.ImageReference;
import org.plurality.reference.Platform;
import org.plurality.registries.RegistriesConf;
import org.plurality.source.ImageSource;
import org.plurality.squashfs.SquashfsTools;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "pull",
        description = {
            "Stages images in, and prints the digest and path of each. What is there already is left as it is.",
            "IMAGE is [docker://][HOST[:PORT]/]NAME[:TAG][@DIGEST], docker-daemon:NAME[:TAG],",
            "docker-archive:FILE[:NAME] (- for standard input), oci:DIRECTORY[:TAG], oci-archive:FILE[:TAG],",
            "dir:DIRECTORY, squashfs:FILE or sif:FILE."
        })
final class PullCommand implements Callable<Integer> {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "IMAGE", arity = "1..*", description = "What to stage in.")
    private List<String> images = new ArrayList<>();

    @Option(
            names = "--name",
            paramLabel = "REFERENCE",
            description = "Under which the image is to be found (default: what the source calls it).")
    private @Nullable String name;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "dir, squashfs, or auto: what suits the filesystem (default: auto).")
    private @Nullable String format;

    @Option(
            names = "--dedupe",
            description = "Keep files that images of format dir have in common once, by hard links in the cache.")
    private boolean dedupe;

    @Option(
            names = "--insecure-registry",
            paramLabel = "HOST[:PORT]",
            description = "May be spoken to over plain http. Can be given again.")
    private List<String> insecure = new ArrayList<>();

    @Option(names = "--authfile", paramLabel = "FILE", description = "Credentials of registries.")
    private @Nullable String authFile;

    @Option(
            names = "--require-signature",
            paramLabel = "KEY",
            description = "A public key, PEM: only images that it signed. Can be given again: by one of them.")
    private List<String> requiredKeys = new ArrayList<>();

    @Option(
            names = "--signature-policy",
            paramLabel = "FILE",
            description =
                    "Says which images may be staged in (default: ~/.config/containers/policy.json, then /etc's).")
    private @Nullable String signaturePolicy;

    @Option(names = "--pin", description = "Keep it whatever the expiry's rules say.")
    private boolean pin;

    @Option(
            names = "--lease",
            paramLabel = "ID",
            description = "Hold it by a lease of this name: that of the job, or as one of the next options says.")
    private @Nullable String lease;

    @Mixin
    private HolderOptions holders = new HolderOptions();

    @Option(names = "--json", description = "Print one JSON object for each image.")
    private boolean json;

    @Option(
            names = "--progress",
            paramLabel = "HOW",
            description = "auto, plain, json (one event a line) or none, on standard error (default: auto).")
    private @Nullable String progressHow;

    @Option(
            names = {"-q", "--quiet"},
            description = "Show no progress.")
    private boolean quiet;

    /** How progress is shown, once the settings are read. */
    private String shown = "auto";

    private final Session session;
    private final ErrorReport errors;

    PullCommand(Session session, ErrorReport errors) {
        this.session = session;
        this.errors = errors;
    }

    @Override
    public Integer call() throws PluralityException {
        Settings settings = common.settings(session.environment())
                .withFlags(Key.INSECURE_REGISTRIES, insecure)
                .withFlag(Key.AUTH_FILE, authFile)
                .withFlags(Key.REQUIRE_SIGNATURE, requiredKeys)
                .withFlag(Key.SIGNATURE_POLICY, signaturePolicy)
                .withFlag(Key.PROGRESS, progressHow)
                .withFlag(Key.FORMAT, format)
                .withFlag(Key.DEDUPE, dedupe ? "true" : null);
        shown = settings.value(Key.PROGRESS).orElse("auto");
        RegistriesConf registries = RegistriesConf.load(settings.value(Key.REGISTRIES_CONF), session.environment());
        List<NamedImage> named = new ArrayList<>();
        for (String image : images) {
            named.add(NamedImage.of(image, registries));
        }
        ImageReference wantedName = wantedName();
        UnpackSettings unpacking = new UnpackSettings(settings, SquashfsTools.of(session.environment()));
        LoggedPuller puller = LoggedPuller.of(settings, unpacking, session, common.debug());
        RootfsKind kind = unpacking.kind(settings.cache());
        int worst = 0;
        for (NamedImage image : named) {
            try {
                ImageReference wanted = wantedName == null ? image.name() : wantedName;
                pull(puller, image.sources(), wanted, settings.platform(), kind);
            } catch (PluralityException e) {
                int code = errors.report(e, common.debug());
                worst = worst == 0 ? code : worst;
            }
        }
        return worst;
    }

    /** The first place that has it. */
    private void pull(
            LoggedPuller puller,
            List<ImageSource> sources,
            @Nullable ImageReference wanted,
            Platform platform,
            RootfsKind kind)
            throws PluralityException {
        for (int i = 0; i < sources.size(); i++) {
            ImageSource source = sources.get(i);
            boolean isLast = i == sources.size() - 1;
            try {
                print(source, pull(puller, new PullRequest(source, wanted, platform, kind), isLast));
                return;
            } catch (PluralityException e) {
                if (isLast || !isElsewhere(e)) {
                    throw e;
                }
            }
        }
    }

    private static boolean isElsewhere(PluralityException failure) {
        return failure.kind() == FailureKind.NOT_FOUND || failure.kind() == FailureKind.NOT_AUTHORISED;
    }

    private PullResult pull(LoggedPuller puller, PullRequest request, boolean isLast) throws PluralityException {
        LoggedPuller.Hold hold = lease == null && !holders.isGiven() ? null : this::hold;
        try (Progress progress = session.progress(quiet ? "none" : shown)) {
            try {
                PullResult result = puller.pull(request, pin, hold, progress);
                requireFormat(result, request.kind());
                return result;
            } catch (PluralityException e) {
                if (isLast || !isElsewhere(e)) {
                    progress.failed(e);
                }
                throw e;
            }
        }
    }

    /** What was asked for in so many words is not passed over in silence; an image is kept in one form only. */
    private void requireFormat(PullResult result, RootfsKind wanted) throws PluralityException {
        RootfsKind found = result.entry().document().kind();
        if (format != null && !format.equals("auto") && found != wanted) {
            throw new PluralityException(
                    FailureKind.STORAGE,
                    "cannot keep " + result.entry().document().digest() + " as " + wanted.label()
                            + ": it is staged already, as " + found.label(),
                    "leave --format away, or remove it first: plurality-stagein rm "
                            + result.entry().document().digest());
        }
    }

    private LoggedPuller.Lease hold(Instant now) throws PluralityException {
        LeaseId id = lease == null ? null : HolderOptions.id(lease);
        Holder holder = holders.holder(id, session.environment(), now);
        return new LoggedPuller.Lease(id == null ? HolderOptions.idOf(holder) : id, holder);
    }

    private @Nullable ImageReference wantedName() throws PluralityException {
        if (name == null) {
            return null;
        }
        String hint = "write it like --name alpine:3.20, with one image";
        if (images.size() > 1) {
            throw new PluralityException(
                    FailureKind.USAGE, "cannot use --name: it would name " + images.size() + " images", hint);
        }
        try {
            return ImageReference.parse(name);
        } catch (IllegalArgumentException e) {
            throw new PluralityException(
                    FailureKind.USAGE, "cannot use --name '" + name + "': " + e.getMessage(), hint, e);
        }
    }

    private void print(ImageSource source, PullResult result) throws PluralityException {
        var entry = result.entry();
        if (result.names().isEmpty() && !quiet) {
            session.err().println("nothing names it: run it by its digest, or pull it with --name REFERENCE");
        }
        if (!json) {
            session.out().println(entry.document().digest() + " " + entry.rootfs());
            return;
        }
        JsonOutput.print(session.out(), out -> {
            out.writeStringField("source", source.toString());
            if (!result.names().isEmpty()) {
                out.writeStringField("reference", result.names().getFirst().toString());
            }
            out.writeArrayFieldStart("references");
            for (ImageReference reference : result.names()) {
                out.writeString(reference.toString());
            }
            out.writeEndArray();
            out.writeStringField("digest", entry.document().digest().toString());
            out.writeStringField("configDigest", entry.document().configDigest().toString());
            out.writeStringField("path", entry.rootfs().toString());
            out.writeStringField("platform", entry.document().platform().toString());
            out.writeStringField("kind", entry.document().kind().label());
            out.writeNumberField("bytes", entry.document().bytes());
            out.writeNumberField("inodes", entry.document().inodes());
            out.writeBooleanField("alreadyPresent", result.alreadyPresent());
        });
    }
}
