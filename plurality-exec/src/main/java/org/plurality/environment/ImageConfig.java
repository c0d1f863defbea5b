// SPDX-License-Identifier: Apache-2.0
package org.plurality.environment;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.plurality.json.JsonObject;

/**
 * The part of an image configuration that a launch needs (OCI image specification 1.1, {@code config}).
 *
 * @param environment {@code NAME=VALUE} in the image's order; entries without a name are left out
 * @param entrypoint of the image, or empty
 * @param command default arguments, or empty
 * @param workingDirectory as the image has it, not checked; empty when it names none
 */
public record ImageConfig(
        List<String> environment, List<String> entrypoint, List<String> command, String workingDirectory) {
    private static final int MAX_VARIABLES = 10_000;

    public ImageConfig {
        environment = List.copyOf(environment);
        entrypoint = List.copyOf(entrypoint);
        command = List.copyOf(command);
    }

    /** @throws IOException when it is not an image configuration */
    public static ImageConfig parse(byte[] document) throws IOException {
        JsonObject config = JsonObject.parse(document).object("config");
        List<String> environment = new ArrayList<>();
        for (String variable : config.strings("Env")) {
            if (variable.indexOf('=') > 0 && variable.indexOf('\0') < 0) {
                environment.add(variable);
            }
        }
        if (environment.size() > MAX_VARIABLES) {
            throw new IOException("it sets more than " + MAX_VARIABLES + " environment variables");
        }
        String workingDirectory = config.optionalString("WorkingDir");
        return new ImageConfig(
                environment,
                config.strings("Entrypoint"),
                config.strings("Cmd"),
                workingDirectory == null ? "" : workingDirectory);
    }

    /** What runs when no command is given: entrypoint and default arguments. */
    public List<String> defaultCommand() {
        List<String> arguments = new ArrayList<>(entrypoint);
        arguments.addAll(command);
        return arguments;
    }

    /**
     * What runs, as Docker means it.
     *
     * @param chosen a program in place of the image's entrypoint, which takes the default arguments away too; or empty
     * @param arguments the user's, in place of the default ones; or empty
     */
    public List<String> commandOf(String chosen, List<String> arguments) {
        List<String> all = new ArrayList<>(chosen.isEmpty() ? entrypoint : List.of(chosen));
        all.addAll(arguments.isEmpty() && chosen.isEmpty() ? command : arguments);
        return all;
    }
}
