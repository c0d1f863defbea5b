// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.verification;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.plurality.cache.Cache;
import org.plurality.cache.Entry;
import org.plurality.cache.RootfsKind;
import org.plurality.display.Progress;
import org.plurality.failure.PluralityException;
import org.plurality.fake.FakeImage;
import org.plurality.fake.FakePlaces;
import org.plurality.fake.FakeRegistry;
import org.plurality.image.ImageSource;
import org.plurality.pull.PullRequest;
import org.plurality.pull.Puller;
import org.plurality.pull.RootfsFormats;
import org.plurality.pull.ShutdownHandler;
import org.plurality.reference.ImageReference;
import org.plurality.reference.Platform;
import org.plurality.remote.credentials.Credentials;
import org.plurality.remote.registry.CertificateBundles;
import org.plurality.remote.registry.EnvironmentProxies;
import org.plurality.remote.registry.HttpClients;
import org.plurality.remote.registry.HttpTrace;
import org.plurality.remote.registry.InsecureRegistries;
import org.plurality.remote.registry.Registry;
import org.plurality.remote.registry.RetryPolicy;
import org.plurality.unpack.layer.UnpackLimits;
import org.plurality.unpack.squashfs.SquashfsOptions;
import org.plurality.unpack.squashfs.SquashfsTools;

/** Images with files, links and directories, pulled for real from a fake registry into a cache. */
final class StagedImages implements AutoCloseable {
    static final Platform AMD64 = Platform.parse("linux/amd64");

    private final FakeRegistry registry;
    private final Cache cache;
    private boolean dedupe;

    StagedImages(Path root) throws IOException, PluralityException {
        registry = new FakeRegistry();
        cache = Cache.openOrCreate(root.resolve("cache"));
    }

    /** From now on files are shared. */
    StagedImages deduping() {
        dedupe = true;
        return this;
    }

    Cache cache() {
        return cache;
    }

    FakeRegistry registry() {
        return registry;
    }

    Entry stage(String tag, RootfsKind kind) throws Exception {
        registry.add(tag, new FakeImage(List.of(layer(tag))));
        return puller().pull(PullRequest.of(reference(tag), AMD64, kind), new Progress.Quiet())
                .entry();
    }

    ImageReference reference(String tag) {
        return ImageReference.parse(registry.host() + "/a/b:" + tag);
    }

    /** Again, in the place of what is there. */
    boolean restage(Entry entry, String tag) throws PluralityException {
        ImageReference exact = reference(tag).withDigest(entry.document().digest());
        PullRequest request = new PullRequest(
                new ImageSource.InRegistry(exact), null, AMD64, entry.document().kind());
        return puller().restage(
                        request,
                        List.of(reference(tag)),
                        entry.document().digest(),
                        entry.document().publication(),
                        new Progress.Quiet());
    }

    Puller puller() {
        Registry.Access access = new Registry.Access(
                new HttpClients(
                        RetryPolicy.DEFAULT,
                        CertificateBundles.of(Optional.empty(), Map.of()),
                        new EnvironmentProxies(Map.of())),
                (_, _) -> new Credentials.Anonymous(),
                "nowhere",
                new InsecureRegistries(Set.of(registry.host())),
                RetryPolicy.DEFAULT,
                HttpTrace.NONE);
        RootfsFormats formats = new RootfsFormats(
                UnpackLimits.DEFAULT,
                SquashfsTools.of(Map.of("PATH", String.valueOf(System.getenv("PATH")))),
                SquashfsOptions.DEFAULT,
                dedupe);
        return new Puller(cache, FakePlaces.registries(access), formats, new ShutdownHandler(), Clock.systemUTC(), 2)
                .keepBlobs(Duration.ZERO);
    }

    /** Names whose order as bytes is another than that of a walk. */
    private static byte[] layer(String seed) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            directory(tar, "a/");
            file(tar, "a/b", seed);
            file(tar, "a.c", seed + " beside");
            directory(tar, "deep/");
            directory(tar, "deep/er/");
            file(tar, "deep/er/one", "1".repeat(10_000));
            file(tar, "deep/er/two", letters(300_000));
            TarArchiveEntry link = new TarArchiveEntry("link", TarConstants.LF_SYMLINK);
            link.setLinkName("a/b");
            tar.putArchiveEntry(link);
            tar.closeArchiveEntry();
            TarArchiveEntry hard = new TarArchiveEntry("z-hard", TarConstants.LF_LINK);
            hard.setLinkName("deep/er/one");
            tar.putArchiveEntry(hard);
            tar.closeArchiveEntry();
        }
        return bytes.toByteArray();
    }

    /** That do not compress to nothing. */
    private static String letters(int count) {
        return new Random(7)
                .ints(count, 'a', 'z' + 1)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static void directory(TarArchiveOutputStream tar, String name) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setMode(0755);
        tar.putArchiveEntry(entry);
        tar.closeArchiveEntry();
    }

    private static void file(TarArchiveOutputStream tar, String name, String text) throws IOException {
        byte[] content = text.getBytes(StandardCharsets.UTF_8);
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(content.length);
        entry.setMode(0644);
        entry.setModTime(1_700_000_000_000L);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }

    @Override
    public void close() {
        registry.close();
    }
}
