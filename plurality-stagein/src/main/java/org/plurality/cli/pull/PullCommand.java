// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli.pull;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plurality.app.Session;
import org.plurality.app.pull.LoggedPuller;
import org.plurality.app.pull.NamedImage;
import org.plurality.app.pull.PullerFactory;
import org.plurality.app.pull.UnpackSettings;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.arguments.Flag;
import org.plurality.arguments.Value;
import org.plurality.arguments.Values;
import org.plurality.cache.RootfsKind;
import org.plurality.cli.common.CommonOptions;
import org.plurality.cli.common.ErrorReport;
import org.plurality.cli.common.HolderOptions;
import org.plurality.cli.common.JsonOutput;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.display.Progress;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.image.ImageSource;
import org.plurality.lease.Holder;
import org.plurality.lease.LeaseId;
import org.plurality.pull.PullRequest;
import org.plurality.pull.PullResult;
import org.plurality.reference.ImageReference;
import org.plurality.reference.Platform;
import org.plurality.remote.conf.RegistriesConf;
import org.plurality.unpack.squashfs.SquashfsTools;

public final class PullCommand implements Command {
    private final Arguments arguments = new Arguments(
            "pull",
            "Stages images in, and prints the digest and path of each. What is there already is left as it is.",
            "IMAGE is [docker://][HOST[:PORT]/]NAME[:TAG][@DIGEST], docker-daemon:NAME[:TAG],",
            "docker-archive:FILE[:NAME] (- for standard input), oci:DIRECTORY[:TAG], oci-archive:FILE[:TAG],",
            "dir:DIRECTORY, squashfs:FILE or sif:FILE.");
    private final CommonOptions common = new CommonOptions(arguments);
    private final Values images = arguments.parameters(1, "IMAGE", "What to stage in.");
    private final Value<String> name = arguments.option(
            "--name", "REFERENCE", "Under which the image is to be found (default: what the source calls it).");
    private final Value<String> format = arguments.option(
            "--format", "FORMAT", "dir, squashfs, or auto: what suits the filesystem (default: auto).");
    private final Flag dedupe = arguments.flag(
            "--dedupe", "Keep files that images of format dir have in common once, by hard links in the cache.");
    private final Values insecure = arguments.options(
            "--insecure-registry", "HOST[:PORT]", "May be spoken to over plain http. Can be given again.");
    private final Value<String> authFile = arguments.option("--authfile", "FILE", "Credentials of registries.");
    private final Values requiredKeys = arguments.options(
            "--require-signature",
            "KEY",
            "A public key, PEM: only images that it signed. Can be given again: by one of them.");
    private final Value<String> signaturePolicy = arguments.option(
            "--signature-policy",
            "FILE",
            "Says which images may be staged in (default: ~/.config/containers/policy.json, then /etc's).");
    private final Flag pin = arguments.flag("--pin", "Keep it whatever the expiry's rules say.");
    private final Value<String> lease = arguments.option(
            "--lease", "ID", "Hold it by a lease of this name: that of the job, or as one of the next options says.");
    private final HolderOptions holders = new HolderOptions(arguments);
    private final Flag json = arguments.flag("--json", "Print one JSON object for each image.");
    private final Value<String> progressHow = arguments.option(
            "--progress", "HOW", "auto, plain, json (one event a line) or none, on standard error (default: auto).");
    private final Flag quiet = arguments.flag("-q, --quiet", "Show no progress.");

    /** How progress is shown, once the settings are read. */
    private String shown = "auto";

    private final Session session;
    private final ErrorReport errors;

    public PullCommand(Session session, ErrorReport errors) {
        this.session = session;
        this.errors = errors;
    }

    @Override
    public Arguments arguments() {
        return arguments;
    }

    @Override
    public Integer call() throws PluralityException {
        Settings settings = common.settings(session.environment())
                .withFlags(Key.INSECURE_REGISTRIES, insecure.get())
                .withFlag(Key.AUTH_FILE, authFile.get())
                .withFlags(Key.REQUIRE_SIGNATURE, requiredKeys.get())
                .withFlag(Key.SIGNATURE_POLICY, signaturePolicy.get())
                .withFlag(Key.PROGRESS, progressHow.get())
                .withFlag(Key.FORMAT, format.get())
                .withFlag(Key.DEDUPE, dedupe.isGiven() ? "true" : null);
        shown = settings.value(Key.PROGRESS).orElse("auto");
        RegistriesConf registries = RegistriesConf.load(settings.value(Key.REGISTRIES_CONF), session.environment());
        List<NamedImage> named = new ArrayList<>();
        for (String image : images.get()) {
            named.add(NamedImage.of(image, registries));
        }
        ImageReference wantedName = wantedName();
        UnpackSettings unpacking = new UnpackSettings(settings, SquashfsTools.of(session.environment()));
        try (PullerFactory graph = new PullerFactory(settings, session, common.debug())) {
            LoggedPuller puller = LoggedPuller.of(graph, unpacking, settings);
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
        LoggedPuller.Hold hold = lease.get() == null && !holders.isGiven() ? null : this::hold;
        try (Progress progress = session.progress(quiet.isGiven() ? "none" : shown)) {
            try {
                PullResult result = puller.pull(request, pin.isGiven(), hold, progress);
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
        if (format.get() != null && !format.get().equals("auto") && found != wanted) {
            throw new PluralityException(
                    FailureKind.STORAGE,
                    "cannot keep " + result.entry().document().digest() + " as " + wanted.label()
                            + ": it is staged already, as " + found.label(),
                    "leave --format away, or remove it first: plurality-stagein rm "
                            + result.entry().document().digest());
        }
    }

    private LoggedPuller.Lease hold(Instant now) throws PluralityException {
        LeaseId id = lease.get() == null ? null : HolderOptions.id(lease.get());
        Holder holder = holders.holder(id, session.environment(), now);
        return new LoggedPuller.Lease(id == null ? HolderOptions.usualId(holder) : id, holder);
    }

    private @Nullable ImageReference wantedName() throws PluralityException {
        if (name.get() == null) {
            return null;
        }
        String hint = "write it like --name alpine:3.20, with one image";
        if (images.get().size() > 1) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot use --name: it would name " + images.get().size() + " images",
                    hint);
        }
        try {
            return ImageReference.parse(name.get());
        } catch (IllegalArgumentException e) {
            throw new PluralityException(
                    FailureKind.USAGE, "cannot use --name '" + name.get() + "': " + e.getMessage(), hint, e);
        }
    }

    private void print(ImageSource source, PullResult result) throws PluralityException {
        var entry = result.entry();
        if (result.names().isEmpty() && !quiet.isGiven()) {
            session.err().println("nothing names it: run it by its digest, or pull it with --name REFERENCE");
        }
        if (!json.isGiven()) {
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
            out.writeStringField("cache", entry.layout().root().toString());
            out.writeStringField("platform", entry.document().platform().toString());
            out.writeStringField("kind", entry.document().kind().label());
            out.writeNumberField("bytes", entry.document().bytes());
            out.writeNumberField("inodes", entry.document().inodes());
            out.writeBooleanField("alreadyPresent", result.alreadyPresent());
        });
    }
}
