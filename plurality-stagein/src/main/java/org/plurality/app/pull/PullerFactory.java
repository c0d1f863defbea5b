// SPDX-License-Identifier: Apache-2.0
package org.plurality.app.pull;

import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import org.plurality.app.Session;
import org.plurality.cache.Cache;
import org.plurality.cache.CacheAccess;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.failure.PluralityException;
import org.plurality.pull.Puller;
import org.plurality.remote.conf.RegistriesConf;
import org.plurality.remote.credentials.CredentialStore;
import org.plurality.remote.registry.CertificateBundles;
import org.plurality.remote.registry.EnvironmentProxies;
import org.plurality.remote.registry.HttpClients;
import org.plurality.remote.registry.HttpTrace;
import org.plurality.remote.registry.InsecureRegistries;
import org.plurality.remote.registry.Registries;
import org.plurality.remote.registry.Registry;
import org.plurality.remote.registry.RetryPolicy;
import org.plurality.trust.Admission;

/** A puller, put together from settings; closed, its connections are. */
public final class PullerFactory implements AutoCloseable {
    private static final int USUAL_PARALLEL_FETCHES = 4;
    private static final int MOST_PARALLEL_FETCHES = 32;

    private static final Duration USUAL_KEEP_BLOBS = Duration.ofDays(1);

    private final Settings settings;
    private final Session session;
    private final HttpClients clients;
    private final CredentialStore credentials;
    private final Registry.Access access;

    public PullerFactory(Settings settings, Session session, boolean debug) throws PluralityException {
        this(settings, session, CredentialStore.of(settings.value(Key.AUTH_FILE), session.environment()), debug);
    }

    public PullerFactory(Settings settings, Session session, CredentialStore credentials, boolean debug)
            throws PluralityException {
        this.settings = settings;
        this.session = session;
        this.credentials = credentials;
        RetryPolicy patience =
                RetryPolicy.DEFAULT.withAnswer(settings.duration(Key.ANSWER_TIMEOUT, RetryPolicy.DEFAULT.answer()));
        this.clients = new HttpClients(
                patience,
                CertificateBundles.of(settings.value(Key.CA_FILE), session.environment()),
                new EnvironmentProxies(session.environment()));
        this.access = new Registry.Access(
                clients,
                credentials,
                credentials.describe(),
                InsecureRegistries.of(settings.values(Key.INSECURE_REGISTRIES)),
                patience,
                new TraceWithNotes(DebugLog.when(debug), session.err()));
    }

    /** Prints notes for the user, whether or not exchanges are logged. */
    private record TraceWithNotes(HttpTrace log, PrintStream err) implements HttpTrace {
        @Override
        public void line(String line) {
            log.line(line);
        }

        @Override
        public void note(String note) {
            err.println("note: " + note);
        }
    }

    /** What all registries of this run share. */
    public Registry.Access access() {
        return access;
    }

    public Puller puller(UnpackSettings unpacking) throws PluralityException {
        Cache cache = Cache.openOrCreate(settings.cache());
        CacheAccess.checkWhoStagesIn(cache.layout());
        int parallel = (int) settings.number(Key.PARALLEL_FETCHES, USUAL_PARALLEL_FETCHES, 1, MOST_PARALLEL_FETCHES);
        RegistriesConf registries = RegistriesConf.load(settings.value(Key.REGISTRIES_CONF), session.environment());
        return new Puller(
                        cache,
                        new TransportOpener(
                                new Registries(
                                        registries,
                                        access.and(credentials.withHelpers(registries.credentialHelpers()))),
                                unpacking.limits(),
                                settings,
                                session.environment()),
                        unpacking.formats(),
                        session.interruption(),
                        Clock.systemUTC(),
                        parallel)
                .admitting(Admission.of(
                        settings.value(Key.SIGNATURE_POLICY),
                        settings.values(Key.REQUIRE_SIGNATURE),
                        session.environment()))
                .keepBlobs(settings.duration(Key.KEEP_BLOBS, USUAL_KEEP_BLOBS));
    }

    @Override
    public void close() {
        clients.close();
    }
}
