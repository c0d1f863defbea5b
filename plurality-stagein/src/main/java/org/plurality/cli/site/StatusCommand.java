// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli.site;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.plurality.app.Session;
import org.plurality.app.retention.ExpiryFactory;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.arguments.Flag;
import org.plurality.arguments.Parameter;
import org.plurality.cache.Cache;
import org.plurality.cache.Entry;
import org.plurality.cache.EntryDocument;
import org.plurality.cache.HeartbeatLock;
import org.plurality.cache.Pins;
import org.plurality.cli.common.CommonOptions;
import org.plurality.cli.common.JsonOutput;
import org.plurality.config.Settings;
import org.plurality.display.ByteCount;
import org.plurality.display.Table;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.failure.Printable;
import org.plurality.health.events.Event;
import org.plurality.health.status.ImageStatus;
import org.plurality.health.status.PullInProgress;
import org.plurality.health.verification.VerificationMarks;
import org.plurality.process.ProcessIdentity;
import org.plurality.reference.Digest;
import org.plurality.retention.leases.LeaseKeeper;

public final class StatusCommand implements Command {
    private final Arguments arguments = new Arguments(
            "status",
            "Says why an image is there, or is not yet: since when, who holds it, who stages it in, what went wrong.",
            "Ends with 0 when it is staged, 8 while it is being staged in, 3 when it is not there.");
    private final CommonOptions common = new CommonOptions(arguments);
    private final Parameter<String> wanted = arguments.parameter("IMAGE", "A reference or a digest.");
    private final Flag json = arguments.flag("--json", "Print one JSON object.");

    private final Session session;

    public StatusCommand(Session session) {
        this.session = session;
    }

    /** An answer and what is asked beside it. */
    private record Shown(
            Cache cache,
            ImageStatus.Answer answer,
            List<String> holders,
            boolean isPinned,
            Optional<VerificationMarks.Mark> verified) {}

    @Override
    public Arguments arguments() {
        return arguments;
    }

    @Override
    public Integer call() throws PluralityException {
        Settings settings = common.settings(session.environment());
        Optional<Shown> best = Optional.empty();
        for (var root : common.caches(settings)) {
            Optional<Cache> cache = Cache.open(root);
            if (cache.isPresent()) {
                Shown shown = look(cache.get(), settings);
                boolean isBetter = best.isEmpty()
                        || shown.answer().state().compareTo(best.get().answer().state()) < 0;
                best = isBetter ? Optional.of(shown) : best;
            }
        }
        if (best.isEmpty()) {
            throw new PluralityException(
                    FailureKind.NOT_FOUND,
                    "cannot look for " + wanted.get() + ": there is no cache",
                    "name one with --cache or PLURALITY_CACHE, or stage it in: plurality-stagein pull " + wanted.get());
        }
        if (json.isGiven()) {
            printJson(best.get());
        } else {
            print(best.get());
        }
        return switch (best.get().answer().state()) {
            case STAGED -> 0;
            case STAGING -> FailureKind.BUSY.exitCode();
            case ABANDONED, FAILED, GONE, UNKNOWN -> FailureKind.NOT_FOUND.exitCode();
        };
    }

    private Shown look(Cache cache, Settings settings) throws PluralityException {
        ImageStatus.Answer answer = new ImageStatus(cache).of(wanted.get(), settings.platform());
        List<String> holders = new ArrayList<>();
        boolean isPinned = false;
        Optional<VerificationMarks.Mark> verified = Optional.empty();
        if (answer.entry().isPresent()) {
            EntryDocument document = answer.entry().get().document();
            Digest digest = document.digest();
            LeaseKeeper keeper = ExpiryFactory.keeper(cache, settings);
            Instant now = ExpiryFactory.now(cache, session.err());
            holders = keeper.census(List.of(digest), now).of(digest).holders();
            isPinned = new Pins(cache.layout()).has(digest);
            verified = new VerificationMarks(cache.layout()).of(digest).filter(mark -> mark.publication()
                    .equals(document.publication()));
        }
        return new Shown(cache, answer, holders, isPinned, verified);
    }

    private void print(Shown shown) {
        ImageStatus.Answer answer = shown.answer();
        Instant now = Instant.now();
        line("state", answer.state().label() + what(answer));
        line("cache", shown.cache().layout().root().toString());
        answer.recorded()
                .ifPresent(recorded -> line(
                        "name",
                        recorded.reference() + " stood for " + recorded.digest().abbreviated() + " "
                                + Table.age(recorded.resolvedAt(), now) + " ago, when it was last asked for"));
        if (answer.entry().isPresent()) {
            Entry entry = answer.entry().get();
            EntryDocument document = entry.document();
            line("digest", document.digest().toString());
            line("path", entry.rootfs().toString());
            line(
                    "staged in",
                    Table.age(document.createdAt(), now) + " ago by " + document.createdBy() + ", for "
                            + document.platform() + ", as " + document.kind().label() + ", "
                            + ByteCount.of(document.bytes()) + " in " + document.inodes() + " inodes");
            line("pinned", shown.isPinned() ? "yes" : "no");
            line(
                    "leases",
                    shown.holders().isEmpty()
                            ? "none"
                            : Integer.toString(shown.holders().size()));
            shown.holders().forEach(holder -> line("", holder));
            line(
                    "verified",
                    shown.verified()
                            .map(mark -> Table.age(mark.at(), now) + " ago, "
                                    + (mark.damages() == 0 ? "whole" : mark.damages() + " files damaged"))
                            .orElse("not yet"));
        }
        answer.flights().forEach(flight -> line("staging", words(flight, now)));
        for (Entry earlier : answer.earlier()) {
            line("before", "stood for " + earlier.document().digest() + ", which is still there");
        }
        answer.lastError().ifPresent(error -> line("last error", words(error, now) + ": " + error.why()));
        answer.last().ifPresent(last -> line("last event", words(last, now)));
    }

    private static String what(ImageStatus.Answer answer) {
        return switch (answer.state()) {
            case STAGED, STAGING -> "";
            case ABANDONED -> ": who staged it in has ended or is silent; the next pull takes over";
            case FAILED -> ": the last pull of it failed";
            case GONE -> ": it was there, and was removed";
            case UNKNOWN -> ": nobody asked for it here; plurality-stagein pull stages it in";
        };
    }

    private static String words(PullInProgress flight, Instant now) {
        HeartbeatLock.Owner owner = flight.lock().owner();
        ProcessIdentity process = owner.process();
        String since = owner.since().equals(Instant.EPOCH) ? "" : " for " + Table.age(owner.since(), now);
        return flight.digest().abbreviated() + " by " + owner.user() + ", process " + process.pid() + " on "
                + process.host() + since + ", last heard of "
                + seconds(flight.lock().heartbeat()) + " ago"
                + (flight.lock().isStale() ? " (stale)" : "");
    }

    private static String words(Event event, Instant now) {
        return what(event.event()) + " " + Table.age(event.at(), now) + " ago by " + event.user() + " on "
                + event.host();
    }

    private static String what(String event) {
        if (event.equals(Event.Kind.HIT.label())) {
            return "found there";
        }
        return event.equals(Event.Kind.MISS.label()) ? "staged in" : event;
    }

    private static String seconds(Duration age) {
        return age.toSeconds() + " s";
    }

    private void line(String label, String text) {
        session.out().println(String.format("%-14s %s", label, Printable.line(text)));
    }

    private void printJson(Shown shown) throws PluralityException {
        ImageStatus.Answer answer = shown.answer();
        JsonOutput.print(session.out(), out -> {
            out.writeStringField("image", Printable.line(wanted.get()));
            out.writeStringField("state", answer.state().label());
            out.writeStringField("cache", shown.cache().layout().root().toString());
            if (answer.recorded().isPresent()) {
                out.writeStringField(
                        "reference", answer.recorded().get().reference().toString());
                out.writeStringField(
                        "resolvedTo", answer.recorded().get().digest().toString());
                out.writeStringField(
                        "resolvedAt", answer.recorded().get().resolvedAt().toString());
            }
            if (answer.entry().isPresent()) {
                out.writeObjectFieldStart("entry");
                answer.entry().get().document().write(out);
                out.writeStringField("path", answer.entry().get().rootfs().toString());
                out.writeEndObject();
                out.writeBooleanField("pinned", shown.isPinned());
                out.writeArrayFieldStart("leases");
                for (String holder : shown.holders()) {
                    out.writeString(Printable.line(holder));
                }
                out.writeEndArray();
            }
            if (shown.verified().isPresent()) {
                out.writeStringField("verifiedAt", shown.verified().get().at().toString());
                out.writeNumberField("damages", shown.verified().get().damages());
            }
            out.writeArrayFieldStart("staging");
            for (PullInProgress flight : answer.flights()) {
                HeartbeatLock.Owner owner = flight.lock().owner();
                out.writeStartObject();
                out.writeStringField("digest", flight.digest().toString());
                out.writeStringField("user", owner.user());
                out.writeStringField("host", owner.process().host());
                out.writeNumberField("pid", owner.process().pid());
                out.writeStringField("what", owner.what());
                out.writeStringField("since", owner.since().toString());
                out.writeNumberField(
                        "heartbeatAgeSeconds", flight.lock().heartbeat().toSeconds());
                out.writeBooleanField("stale", flight.lock().isStale());
                out.writeEndObject();
            }
            out.writeEndArray();
            out.writeArrayFieldStart("earlier");
            for (Entry earlier : answer.earlier()) {
                out.writeString(earlier.document().digest().toString());
            }
            out.writeEndArray();
            if (answer.lastError().isPresent()) {
                out.writeObjectFieldStart("lastError");
                answer.lastError().get().write(out);
                out.writeEndObject();
            }
            if (answer.last().isPresent()) {
                out.writeObjectFieldStart("lastEvent");
                answer.last().get().write(out);
                out.writeEndObject();
            }
        });
    }
}
