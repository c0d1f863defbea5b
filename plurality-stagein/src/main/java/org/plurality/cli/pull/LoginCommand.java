// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli.pull;

import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.plurality.app.Session;
import org.plurality.app.pull.PullerFactory;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.arguments.Flag;
import org.plurality.arguments.Parameter;
import org.plurality.arguments.Value;
import org.plurality.arguments.Values;
import org.plurality.cli.common.CommonOptions;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.reference.ImageReference;
import org.plurality.remote.credentials.CredentialStore;
import org.plurality.remote.credentials.Credentials;
import org.plurality.remote.credentials.Secret;
import org.plurality.remote.registry.LoginCheck;
import org.plurality.remote.registry.Registry;

public final class LoginCommand implements Command {
    private static final int MOST_PASSWORD_BYTES = 64 << 10;

    private final Arguments arguments = new Arguments(
            "login",
            "Shows a registry a user name and a password, and keeps them in the auth file when it takes them.",
            "The password is asked for at the terminal, or read from standard input; never from an option.");

    private final CommonOptions common = new CommonOptions(arguments);
    private final Parameter<String> scope =
            arguments.parameter("REGISTRY[/NAMESPACE]", "Such as docker.io or registry.example.org:5000/group.");
    private final Value<String> user =
            arguments.option("-u, --username", "USER", "Asked for at the terminal when not given.");
    private final Flag passwordStdin = arguments.flag("--password-stdin", "Read the password from standard input.");
    private final Value<String> authFile = arguments.option("--authfile", "FILE", "Where to keep them.");
    private final Values insecure = arguments.options(
            "--insecure-registry", "HOST[:PORT]", "May be spoken to over plain http. Can be given again.");

    private final Session session;
    private final InputStream input;

    /** @param input for the password */
    public LoginCommand(Session session, InputStream input) {
        this.session = session;
        this.input = input;
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
        ImageReference place = place(scope.get());
        Credentials.Password credentials = credentials();
        CredentialStore store = CredentialStore.of(settings.value(Key.AUTH_FILE), session.environment());
        boolean asked;
        try (PullerFactory graph = new PullerFactory(settings, session, store, common.debug())) {
            asked = check(place, credentials, graph.access());
        }
        String kept = store.keeper().store(name(place, scope.get()), credentials);
        if (!asked) {
            session.err().println(place.registry() + " asks nobody for credentials: these were not checked");
        }
        session.out()
                .println(
                        "logged in to " + name(place, scope.get()) + " as " + credentials.user() + ", kept in " + kept);
        return 0;
    }

    /** To log in is no advice here. */
    private static boolean check(ImageReference place, Credentials.Password credentials, Registry.Access access)
            throws PluralityException {
        try {
            return LoginCheck.run(place, credentials, access);
        } catch (PluralityException e) {
            if (e.kind() != FailureKind.NOT_AUTHORISED) {
                throw e;
            }
            throw new PluralityException(
                    e.kind(),
                    e.getMessage(),
                    "check user name and password; some registries want an access token for one",
                    e);
        }
    }

    /** What is named, as an image of it would be. */
    public static ImageReference place(String scope) throws PluralityException {
        try {
            int slash = scope.indexOf('/');
            String registry = slash < 0 ? scope : scope.substring(0, slash);
            String canonical = registry.equals("index.docker.io") ? ImageReference.DEFAULT_REGISTRY : registry;
            return new ImageReference(canonical, slash < 0 ? "any" : scope.substring(slash + 1), "latest", null);
        } catch (IllegalArgumentException e) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot use the registry '" + scope + "': " + e.getMessage(),
                    "write it like docker.io, registry.example.org:5000 or registry.example.org/group",
                    e);
        }
    }

    /** As auth files spell it. */
    public static String name(ImageReference place, String scope) {
        return scope.indexOf('/') < 0 ? place.registry() : place.registry() + "/" + place.repository();
    }

    private Credentials.Password credentials() throws PluralityException {
        Console console = terminal();
        String name = user.get();
        if (name == null && console != null && !passwordStdin.isGiven()) {
            name = console.readLine("User name: ");
        }
        if (name == null || name.isBlank() || name.indexOf(':') >= 0) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot log in: "
                            + (name == null || name.isBlank() ? "no user name is given" : "a user name has no colon"),
                    "name the user with --username");
        }
        String password = passwordStdin.isGiven() ? readPassword() : askPassword(console);
        if (password.isEmpty()) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot log in: no password is given",
                    "type it at a terminal, or send it: plurality-stagein login --password-stdin ... < FILE");
        }
        return new Credentials.Password(name, new Secret(password));
    }

    /** Null off a terminal. */
    @SuppressWarnings("SystemConsoleNull") // Which it is depends on the runtime's modules.
    private static @Nullable Console terminal() {
        Console console = System.console();
        return console != null && console.isTerminal() ? console : null;
    }

    private static String askPassword(@Nullable Console console) {
        char[] typed = console == null ? null : console.readPassword("Password: ");
        return typed == null ? "" : new String(typed);
    }

    private String readPassword() throws PluralityException {
        try {
            String text = new String(input.readNBytes(MOST_PASSWORD_BYTES), StandardCharsets.UTF_8);
            int end = text.length();
            while (end > 0 && (text.charAt(end - 1) == '\n' || text.charAt(end - 1) == '\r')) {
                end--;
            }
            return text.substring(0, end);
        } catch (IOException e) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot read the password: " + PluralityException.reasonOf(e),
                    "send it on standard input",
                    e);
        }
    }
}
