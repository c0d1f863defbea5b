// SPDX-License-Identifier: Apache-2.0
package org.plurality.cli.pull;

import java.util.List;
import org.plurality.app.Session;
import org.plurality.arguments.Arguments;
import org.plurality.arguments.Command;
import org.plurality.arguments.Parameter;
import org.plurality.arguments.Value;
import org.plurality.cli.common.CommonOptions;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.remote.credentials.CredentialStore;

public final class LogoutCommand implements Command {
    private final Arguments arguments =
            new Arguments("logout", "Removes a registry's credentials from wherever they are kept.");
    private final CommonOptions common = new CommonOptions(arguments);
    private final Parameter<String> scope = arguments.parameter("REGISTRY[/NAMESPACE]", "As login was given it.");
    private final Value<String> authFile = arguments.option("--authfile", "FILE", "Where they are kept.");

    private final Session session;

    public LogoutCommand(Session session) {
        this.session = session;
    }

    @Override
    public Arguments arguments() {
        return arguments;
    }

    @Override
    public Integer call() throws PluralityException {
        Settings settings = common.settings(session.environment()).withFlag(Key.AUTH_FILE, authFile.get());
        String name = LoginCommand.name(LoginCommand.place(scope.get()), scope.get());
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
