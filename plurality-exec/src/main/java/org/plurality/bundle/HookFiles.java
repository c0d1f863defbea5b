// SPDX-License-Identifier: Apache-2.0
package org.plurality.bundle;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.json.JsonObject;

/**
 * {@code *.json} files that say which program runs at which stage of which containers. A file in a later directory hides its namesake in an
 * earlier one; hooks run in the order of their files' names.
 *
 * <p>A hook never gets the image's environment or working directory. Stages that our containers do not reach are left out, and noted: see {@link Hook}.
 */
public final class HookFiles {
    private HookFiles() {}

    /**
     * What conditions look at.
     *
     * @param command first word of what runs
     * @param annotations of the container
     * @param hasBinds whether the user has brought in anything
     */
    public record Container(String command, Map<String, String> annotations, boolean hasBinds) {
        public Container {
            annotations = Map.copyOf(annotations);
        }
    }

    /**
     * @param notes gets what the user should know of hooks that do not run, a line each
     * @throws PluralityException (USAGE) when a file is not understood
     */
    public static List<Hook> of(List<Path> directories, Container container, List<String> notes)
            throws PluralityException {
        Map<String, Path> files = new TreeMap<>();
        for (Path directory : directories) {
            if (!Files.isDirectory(directory)) {
                continue;
            }
            try (DirectoryStream<Path> children = Files.newDirectoryStream(directory, "*.json")) {
                for (Path child : children) {
                    files.put(child.getFileName().toString(), child);
                }
            } catch (IOException e) {
                throw PluralityException.storage("cannot read the hooks in " + directory, e);
            }
        }
        List<Hook> hooks = new ArrayList<>();
        for (Path file : files.values()) {
            try {
                read(file, container, hooks, notes);
            } catch (IOException | IllegalArgumentException e) {
                throw new PluralityException(
                        FailureKind.USAGE,
                        "cannot use the hook " + file + ": " + e.getMessage(),
                        "mend that file, or leave its directory out of 'hooks_dirs'",
                        e);
            }
        }
        return hooks;
    }

    private static void read(Path file, Container container, List<Hook> hooks, List<String> notes) throws IOException {
        JsonObject document = JsonObject.parse(Files.readAllBytes(file));
        if (!document.string("version").equals("1.0.0")) {
            throw new IOException("its version " + document.string("version") + " is not 1.0.0");
        }
        if (!applies(document.object("when"), container)) {
            return;
        }
        JsonObject hook = document.object("hook");
        String path = hook.string("path");
        List<String> arguments = hook.strings("args");
        List<String> environment = hook.strings("env");
        for (String stage : document.strings("stages")) {
            if (Hook.STAGES.contains(stage)) {
                hooks.add(new Hook(
                        stage,
                        path,
                        arguments.isEmpty() ? List.of(path) : arguments,
                        environment.isEmpty() ? Hook.PLAIN_ENVIRONMENT : environment,
                        hook.has("timeout") ? hook.number("timeout") : 0));
            } else {
                notes.add("the hook " + file + " is for " + stage + ", which containers of ours do not reach: " + path
                        + " does not run then");
            }
        }
    }

    /** All conditions that are there must hold, and there must be one. */
    private static boolean applies(JsonObject when, Container container) throws IOException {
        boolean any = false;
        if (when.has("always")) {
            any = true;
            if (!when.flag("always")) {
                return false;
            }
        }
        if (when.has("hasBindMounts")) {
            any = true;
            if (when.flag("hasBindMounts") && !container.hasBinds()) {
                return false;
            }
        }
        if (when.has("commands")) {
            any = true;
            boolean fits = false;
            for (String pattern : when.strings("commands")) {
                fits |= matches(pattern, container.command());
            }
            if (!fits) {
                return false;
            }
        }
        if (when.has("annotations")) {
            any = true;
            JsonObject annotations = when.object("annotations");
            for (String name : annotations.names()) {
                boolean fits = false;
                for (Map.Entry<String, String> annotation :
                        container.annotations().entrySet()) {
                    fits |= matches(name, annotation.getKey())
                            && matches(annotations.string(name), annotation.getValue());
                }
                if (!fits) {
                    return false;
                }
            }
        }
        return any;
    }

    private static boolean matches(String pattern, String text) throws IOException {
        try {
            return Pattern.compile(pattern).matcher(text).find();
        } catch (PatternSyntaxException e) {
            throw new IOException("'" + pattern + "' is not a regular expression", e);
        }
    }
}
