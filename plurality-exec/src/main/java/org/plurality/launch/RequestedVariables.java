// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.definition.Definition;
import org.plurality.environment.ChosenVariables;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;

/** The variables that a request sets: of a definition, of files, of the caller's {@code PLURALITYENV_}, of {@code --env}. */
final class RequestedVariables {
    private static final int MAX_FILE = 1 << 20;

    private final Settings settings;
    private final LaunchOptions options;
    private final Definition definition;

    RequestedVariables(Settings settings, LaunchOptions options, Definition definition) {
        this.settings = settings;
        this.options = options;
        this.definition = definition;
    }

    /** The user's variables, {@code NAME=VALUE}, the strongest last. */
    List<String> of(Map<String, String> environment) throws PluralityException {
        ChosenVariables variables = new ChosenVariables();
        for (Map.Entry<String, String> variable : definition.variables().entrySet()) {
            variables.add(variable.getKey() + "=" + variable.getValue());
        }
        for (String name : LaunchRequest.both(Key.ENV_FILE, Option.ENV_FILE, settings, options)) {
            addFile(variables, settings.expandHome(name));
        }
        variables.addPrefixed(environment);
        for (String variable : LaunchRequest.both(Key.ENV, Option.ENV, settings, options)) {
            try {
                variables.add(variable);
            } catch (IllegalArgumentException e) {
                throw new PluralityException(
                        FailureKind.USAGE, "cannot set a variable: " + e.getMessage(), "write --env NAME=VALUE", e);
            }
        }
        return variables.variables();
    }

    private static void addFile(ChosenVariables variables, Path file) throws PluralityException {
        try {
            if (Files.size(file) > MAX_FILE) {
                throw new IOException("it has more than " + MAX_FILE + " bytes");
            }
            variables.addFile(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot read the variables in " + file + ": " + PluralityException.reasonOf(e),
                    "check --env-file, PLURALITY_ENV_FILE and 'env_file' in plurality.toml",
                    e);
        } catch (IllegalArgumentException e) {
            throw new PluralityException(
                    FailureKind.USAGE,
                    "cannot use the variables in " + file + ": " + e.getMessage(),
                    "write one NAME=VALUE a line, without 'export'",
                    e);
        }
    }
}
