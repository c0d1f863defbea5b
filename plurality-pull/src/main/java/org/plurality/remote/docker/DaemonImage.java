// SPDX-License-Identifier: Apache-2.0
package org.plurality.remote.docker;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import org.plurality.document.Documents;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.image.BlobSink;
import org.plurality.image.Descriptor;
import org.plurality.image.ImageReader;
import org.plurality.image.Manifest;
import org.plurality.local.archive.Archives;
import org.plurality.reference.Digest;
import org.plurality.reference.ImageReference;

/**
 * An image that a daemon has. Opening asks the daemon for its id, which suffices when the image is staged in already;
 * the first look at the image itself has all of it exported.
 */
public final class DaemonImage implements ImageReader {
    private static final int MAX_JSON_BYTES = 4 << 20;

    private final EngineAddress address;
    private final Archives archives;
    private final String name;
    private final String source;
    private final List<ImageReference> names = new ArrayList<>();
    private Optional<Digest> id = Optional.empty();
    private @Nullable ImageReader exported;
    private final EngineClient client;
    private volatile boolean cancelled;

    private DaemonImage(EngineAddress address, Archives archives, String name, String source) {
        this.address = address;
        this.client = new EngineClient(address);
        this.archives = archives;
        this.name = name;
        this.source = source;
    }

    /**
     * @param archives for the export
     * @param name as the user wrote it: what the daemon understands, it alone knows
     * @param source for errors
     */
    public static DaemonImage open(EngineAddress address, Archives archives, String name, String source)
            throws PluralityException {
        DaemonImage image = new DaemonImage(address, archives, name, source);
        image.inspect();
        return image;
    }

    @Override
    public List<ImageReference> names() {
        return List.copyOf(names);
    }

    @Override
    public Optional<Digest> imageId() {
        return id;
    }

    @Override
    public Manifest manifest() throws PluralityException {
        return exported().manifest();
    }

    @Override
    public Manifest manifest(Digest digest) throws PluralityException {
        return exported().manifest(digest);
    }

    @Override
    public byte[] config(Descriptor config) throws PluralityException {
        return exported().config(config);
    }

    @Override
    public void layer(Descriptor layer, BlobSink sink) throws PluralityException {
        exported().layer(layer, sink);
    }

    @Override
    public void cancel() {
        cancelled = true;
        client.cancel();
    }

    @Override
    public synchronized void close() {
        if (exported != null) {
            exported.close();
        }
    }

    @Override
    public String toString() {
        return source;
    }

    /** What the daemon says of an image (Docker Engine API, {@code ImageInspect}). */
    private record ImageInspect(
            @Nullable @JsonProperty("Id") String id,
            @Nullable @JsonProperty("RepoTags") List<String> repoTags) {}

    private void inspect() throws PluralityException {
        String action = "cannot look for " + source;
        try (Response asked = get("/json", action)) {
            byte[] bytes = asked.body().byteStream().readNBytes(MAX_JSON_BYTES + 1);
            if (bytes.length > MAX_JSON_BYTES) {
                throw new IOException("its answer is longer than " + MAX_JSON_BYTES + " bytes");
            }
            ImageInspect image = Documents.read(bytes, ImageInspect.class);
            if (image.id() == null) {
                throw new IOException("its answer has no \"Id\"");
            }
            id = digest(image.id().startsWith("sha256:") ? image.id() : "sha256:" + image.id());
            choose(image.repoTags() == null ? List.of() : image.repoTags());
        } catch (IOException e) {
            throw failed(action, e);
        }
    }

    /**
     * What the user called it, and what the daemon takes that for: Podman has {@code localhost/app} where one says
     * {@code app}.
     */
    private void choose(List<String> tags) {
        boolean byId =
                id.isPresent() && id.get().toString().startsWith(name.startsWith("sha256:") ? name : "sha256:" + name);
        Optional<ImageReference> typed = byId ? Optional.empty() : reference(name);
        typed.ifPresent(names::add);
        for (String tag : tags) {
            Optional<ImageReference> known = reference(tag);
            if (known.isPresent() && !names.contains(known.get()) && (byId || isMeant(known.get(), typed))) {
                names.add(known.get());
            }
        }
    }

    private boolean isMeant(ImageReference known, Optional<ImageReference> typed) {
        return typed.isPresent()
                && known.tagOrDigest().equals(typed.get().tagOrDigest())
                && ("/" + known.repository()).endsWith("/" + name.split("[:@]", -1)[0]);
    }

    private synchronized ImageReader exported() throws PluralityException {
        if (exported == null) {
            String action = "cannot export " + source;
            try (Response asked = get("/get", action)) {
                exported = archives.dockerArchive(asked.body().byteStream(), null, source);
            } catch (IOException e) {
                throw failed(action, e);
            }
        }
        return exported;
    }

    private String encoded() {
        return URLEncoder.encode(name, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%2F", "/")
                .replace("%3A", ":")
                .replace("%40", "@");
    }

    private Response get(String what, String action) throws IOException, PluralityException {
        if (("/" + name + "/").contains("/../") || ("/" + name + "/").contains("/./")) {
            // No image's name, and a path to something else.
            throw status(action, 404);
        }
        Response asked = client.get("/images/" + encoded() + what);
        if (cancelled) {
            asked.close();
            throw new IOException("cancelled");
        }
        if (asked.code() == 200) {
            return asked;
        }
        asked.close();
        throw status(action, asked.code());
    }

    private PluralityException status(String action, int status) {
        if (status == 404) {
            return new PluralityException(
                    FailureKind.NOT_FOUND,
                    action + ": the daemon at " + address.text() + " has no such image",
                    "'docker images' or 'podman images' lists what it has; from a registry it comes without docker-daemon:");
        }
        return new PluralityException(
                FailureKind.NETWORK,
                action + ": the daemon at " + address.text() + " answers " + status,
                "check the name, and the daemon's log");
    }

    private PluralityException failed(String action, IOException e) {
        // A daemon's own words instead of HTTP are not shown.
        String reason = e instanceof ProtocolException && !isCutOff(e)
                ? "it does not answer in HTTP"
                : String.valueOf(PluralityException.reasonOf(e));
        if (cancelled || Thread.currentThread().isInterrupted()) {
            return new PluralityException(FailureKind.INTERRUPTED, action + ": interrupted", "run it again", e);
        }
        if (reason.toLowerCase(Locale.ROOT).contains("permission denied")) {
            return new PluralityException(
                    FailureKind.NOT_AUTHORISED,
                    action + ": you may not use the daemon at " + address.text(),
                    "be in the group of its socket (often 'docker'), or let somebody who is run: docker save " + name
                            + " | plurality-stagein pull docker-archive:-",
                    e);
        }
        boolean absent = e instanceof ConnectException
                || e instanceof UnknownHostException
                || reason.contains("No such file")
                || reason.contains("refused");
        return new PluralityException(
                FailureKind.NETWORK,
                action + ": "
                        + (absent
                                ? "there is no daemon at " + address.text()
                                : "the daemon at " + address.text() + " broke off (" + reason + ")"),
                "start it, or say where it is with DOCKER_HOST or 'docker_host' in plurality.toml",
                e);
    }

    private static boolean isCutOff(IOException e) {
        return String.valueOf(e.getMessage()).startsWith("unexpected end of stream");
    }

    private static Optional<ImageReference> reference(String text) {
        try {
            return Optional.of(ImageReference.parse(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<Digest> digest(String text) {
        try {
            return Optional.of(Digest.parse(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
