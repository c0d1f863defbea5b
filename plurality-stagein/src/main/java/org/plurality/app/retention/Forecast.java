// SPDX-License-Identifier: Apache-2.0
package org.plurality.app.retention;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.plurality.cache.Cache;
import org.plurality.cache.EntryDocument;
import org.plurality.config.Settings;
import org.plurality.display.ByteCount;
import org.plurality.display.Table;
import org.plurality.failure.PluralityException;
import org.plurality.failure.Printable;
import org.plurality.json.JsonWriter;
import org.plurality.reference.Digest;
import org.plurality.retention.expiry.CacheSnapshot;
import org.plurality.retention.expiry.Collector;
import org.plurality.retention.expiry.Decision;
import org.plurality.retention.expiry.ImageUsage;
import org.plurality.retention.expiry.StopSignal;
import org.plurality.retention.inventory.Image;

/** What becomes of images by the rules that are set here: last use, who holds them, when they will go. */
public final class Forecast {
    public static final Forecast NONE = new Forecast(Map.of(), Instant.EPOCH);

    private final Map<Path, Map<Digest, Decision>> decisions;
    private final Instant now;

    private Forecast(Map<Path, Map<Digest, Decision>> decisions, Instant now) {
        this.decisions = decisions;
        this.now = now;
    }

    /** One survey of each cache that has some of these. */
    public static Forecast of(List<Image> images, Settings settings, PrintStream err) throws PluralityException {
        Map<Path, Map<Digest, Decision>> decisions = new HashMap<>();
        Instant now = Instant.now();
        for (Image image : images) {
            Cache cache = image.cache();
            Path root = cache.layout().root();
            if (decisions.containsKey(root)) {
                continue;
            }
            Collector collector = ExpiryFactory.collector(cache, settings, new StopSignal());
            now = ExpiryFactory.now(cache, err);
            CacheSnapshot survey = collector.survey(now);
            Map<Digest, Decision> of = new HashMap<>();
            collector
                    .plan(survey)
                    .forEach(decision -> of.put(decision.candidate().digest(), decision));
            decisions.put(root, of);
        }
        return new Forecast(decisions, now);
    }

    private Optional<Decision> of(Image image) {
        return Optional.ofNullable(decisions
                .getOrDefault(image.cache().layout().root(), Map.of())
                .get(image.entry().document().digest()));
    }

    public void print(PrintStream out, List<Image> images) {
        Table table = new Table(
                "IMAGE", "DIGEST", "KIND", ">SIZE", ">INODES", "USER", ">LAST USE", ">LEASES", "PINNED", "EXPIRES");
        for (Image image : images) {
            Optional<Decision> decision = of(image);
            Optional<ImageUsage> candidate = decision.map(Decision::candidate);
            EntryDocument document = image.entry().document();
            table.row(
                    image.references().isEmpty()
                            ? "-"
                            : image.references().get(0).reference().toString(),
                    document.digest().abbreviated(),
                    document.kind().label(),
                    ByteCount.of(document.bytes()),
                    Long.toString(document.inodes()),
                    Printable.line(document.createdBy()),
                    candidate.map(known -> Table.age(known.lastUse(), now)).orElse("-"),
                    candidate
                            .map(known -> Integer.toString(known.holders().size()))
                            .orElse("-"),
                    candidate.map(known -> known.isPinned() ? "yes" : "no").orElse("-"),
                    decision.map(this::expires).orElse("-"));
        }
        table.print(out);
    }

    private String expires(Decision decision) {
        if (decision.expires()) {
            return "next pass: " + Printable.line(decision.why());
        }
        if (decision.due().isPresent()) {
            Duration left = Duration.between(now, decision.due().get());
            return left.isNegative()
                    ? Printable.line(decision.why())
                    : "in " + (left.toDays() > 1 ? left.toDays() + " d" : Math.max(left.toHours(), 1) + " h");
        }
        return Printable.line(decision.why());
    }

    /** Into the object of the image that is open. */
    public void write(JsonWriter out, Image image) throws IOException {
        Optional<Decision> known = of(image);
        if (known.isEmpty()) {
            return;
        }
        Decision decision = known.get();
        out.writeStringField("lastUse", decision.candidate().lastUse().toString());
        out.writeBooleanField("pinned", decision.candidate().isPinned());
        out.writeArrayFieldStart("leases");
        for (String holder : decision.candidate().holders()) {
            out.writeString(Printable.line(holder));
        }
        out.writeEndArray();
        out.writeBooleanField("expires", decision.expires());
        out.writeStringField("why", Printable.line(decision.why()));
        if (decision.due().isPresent()) {
            out.writeStringField("due", decision.due().get().toString());
        }
    }
}
