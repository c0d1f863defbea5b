package org.plurality.command;

import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.credentials.CredentialStore;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "logout", description = "Removes a registry's credentials from wherever they are kept.")
final class LogoutCommand implements Callable<Integer> {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "REGISTRY[/NAMESPACE]", description = "As login was given it.")
    private String scope = "";

    @Option(names = "--authfile", paramLabel = "FILE", description = "Where they are kept.")
    private @Nullable String authFile;

    private final Session session;

    LogoutCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws PluralityException {
        Settings settings = common.settings(session.environment()).withFlag(Key.AUTH_FILE, authFile);
        String name = LoginCommand.name(LoginCommand.place(scope), scope);
        CredentialStore store = CredentialStore.of(settings.value(Key.AUTH_FILE), session.environment());
        List<String> places = store.keeper().erase(name);
        if (places.isEmpty()) {
            throw new PluralityException(
                    FailureKind.NOT_FOUND,
                    "cannot log out of " + name + ": no credentials are kept for it",
                    "they are looked for in " + store.describe());
        }
        session.out().println("logged out of " + name + ": removed from " + String.join(", ", places));
        return 0;
    }
}
