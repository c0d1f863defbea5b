// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.plurality.advice.ImageFile;
import org.plurality.cache.CacheLayout;
import org.plurality.cache.LikeNames;
import org.plurality.config.Key;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.reference.ImageReference;

/**
 * Explains a name that is no staged image's: it may be a file, the command of another tool, a program, a variable, or
 * an image that is staged under another name. Asked once the launch has failed.
 */
final class Misnamed {
    /** Commands that start a program in an image with other tools, where the image follows them. */
    private static final Set<String> STARTS = Set.of("run", "exec", "shell", "start");

    /** Commands of {@code plurality-stagein} and of {@code plurality}. */
    private static final Set<String> COMMANDS = Set.of(
            "pull",
            "images",
            "image",
            "list",
            "inspect",
            "path",
            "rm",
            "rmi",
            "login",
            "logout",
            "build",
            "push",
            "tag",
            "create",
            "stop",
            "logs",
            "delete",
            "submit",
            "broadcast",
            "doctor",
            "verify",
            "expire",
            "prewarm",
            "status",
            "usage",
            "report",
            "pin",
            "unpin",
            "lease",
            "help",
            "version");

    private static final int MOST_NAMES = 3;

    private final LaunchRequest request;
    private final Map<String, String> environment;

    Misnamed(LaunchRequest request, Map<String, String> environment) {
        this.request = request;
        this.environment = environment;
    }

    /** Returns a failure that says what to write instead; the same one where nothing better is known. */
    PluralityException explain(PluralityException failure) {
        String image = request.image();
        PluralityException better = null;
        if (ImageFile.hasTransport(image) || ImageFile.isPath(image)) {
            better = notStaged(image);
        } else if (image.indexOf("://") > 0 && !image.startsWith("docker://")) {
            better = address(image);
        } else if (image.indexOf('=') > 0) {
            better = variable(image);
        } else if (request.has(Option.ENTRYPOINT)
                && isPlain(image)
                && !request.command().isEmpty()) {
            better = usage(
                    failure.getMessage(),
                    "if " + image + " is the program: plurality-exec --entrypoint=" + image + follows()
                            + "; if it is the image: " + failure.hint());
        } else if (!isPulled() && (STARTS.contains(image) || COMMANDS.contains(image))) {
            better = commandOfAnother(image);
        } else if (!isPulled() && isProgram(image)) {
            better = usage(
                    failure.getMessage(),
                    "name the image before the program: plurality-exec IMAGE " + image + "; or stage that image in: "
                            + failure.hint());
        } else {
            better = notStaged(image);
        }
        if (better == null) {
            better = inLowerCase(image);
        }
        if (better == null && failure.kind() == FailureKind.NOT_FOUND) {
            better = namedOtherwise(failure, image);
        }
        return better == null ? failure : better;
    }

    /** Returns what to do with the file or directory of that name; null if none is and the name can be an image's. */
    private @Nullable PluralityException notStaged(String image) {
        boolean transport = ImageFile.hasTransport(image);
        ImageFile file = transport ? null : ImageFile.at(image).orElse(null);
        String source = transport ? absolute(image) : file == null ? null : file.source();
        if (source != null && source.startsWith("dir:")) {
            return ImageFile.isPath(image)
                    ? usage("cannot run " + image + ": it is a directory", "plurality-exec " + source + " COMMAND")
                    : null;
        }
        if (source != null) {
            String name = ImageFile.nameFor(source);
            return usage(
                    "cannot run " + image + ": only images that are staged in can be run",
                    "plurality-stagein pull --name " + name + " " + source + " && plurality-exec " + name + " COMMAND");
        }
        if (!ImageFile.isPath(image)) {
            return null;
        }
        return file == null
                ? usage("cannot run " + image + ": there is no such file", "check the path, or name a staged image")
                : usage(
                        "cannot run " + image + ": it is no image",
                        "name the image before the program: plurality-exec IMAGE " + image);
    }

    /** A path after a transport's name is the user's own, and the pull may be typed elsewhere. */
    private static String absolute(String image) {
        int colon = image.indexOf(':') + 1;
        String path = image.substring(colon);
        boolean isFile = !image.startsWith("docker-daemon:") && Files.exists(Path.of(path));
        return isFile
                ? image.substring(0, colon) + Path.of(path).toAbsolutePath().normalize()
                : image;
    }

    private PluralityException address(String image) {
        int end = image.indexOf("://");
        String scheme = image.substring(0, end);
        String rest = image.substring(end + "://".length());
        if (scheme.equals("http") || scheme.equals("https")) {
            return usage(
                    "cannot run " + image + ": it is an address, not the name of an image",
                    "leave '" + scheme + "://' out: plurality-exec " + rest + follows());
        }
        return usage(
                "cannot run " + image + ": images are not read from " + scheme + ": here",
                "make a file of it and stage that in: apptainer pull image.sif " + image
                        + " && plurality-stagein pull --name NAME sif:image.sif");
    }

    /** Returns what to write if only capital letters keep the name from being an image's; otherwise null. */
    private @Nullable PluralityException inLowerCase(String image) {
        String name = image.startsWith("docker://") ? image.substring("docker://".length()) : image;
        try {
            ImageReference _ = ImageReference.parse(name);
            return null;
        } catch (IllegalArgumentException e) {
            return ImageReference.inLowerCase(name)
                    .map(lower -> usage(
                            "cannot run '" + image + "': " + e.getMessage(),
                            "write it in lower case: plurality-exec " + lower + follows()))
                    .orElse(null);
        }
    }

    private String follows() {
        return request.command().isEmpty() ? "" : " " + String.join(" ", request.command());
    }

    private PluralityException variable(String image) {
        return usage(
                "cannot run '" + image + "': it is no image's name",
                request.has(Option.CLEANENV)
                        ? "set a variable with --env " + image + ": -e is --cleanenv here"
                        : "set a variable with --env " + image + ", before the image");
    }

    private PluralityException commandOfAnother(String word) {
        String follows = follows();
        if (STARTS.contains(word)) {
            String command = word.equals("shell") && request.command().size() == 1 ? follows + " sh" : follows;
            return usage(
                    "cannot run " + word + ": plurality-exec has no commands, and no image of that name is staged",
                    "leave '" + word + "' out: plurality-exec" + (command.isEmpty() ? " IMAGE COMMAND" : command));
        }
        if (word.equals("help") || word.equals("version")) {
            return usage("cannot run " + word + ": plurality-exec has no commands", "plurality-exec --" + word);
        }
        return usage(
                "cannot run " + word + ": plurality-exec has no commands, and no image of that name is staged",
                "plurality " + word + follows);
    }

    private @Nullable PluralityException namedOtherwise(PluralityException failure, String image) {
        try {
            ImageReference reference =
                    ImageReference.parse(image.startsWith("docker://") ? image.substring("docker://".length()) : image);
            for (Path cache : request.settings().caches()) {
                List<String> names = LikeNames.of(reference, new CacheLayout(cache.toAbsolutePath()), MOST_NAMES);
                if (!names.isEmpty() && !(names.size() == 1 && names.get(0).equals(image))) {
                    return new PluralityException(
                            failure.kind(),
                            failure.getMessage(),
                            "use the full name of what is staged, " + String.join(" or ", names) + "; or "
                                    + failure.hint(),
                            failure);
                }
            }
            return null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Returns whether the image is pulled if it is missing, so that any name may be a registry's. */
    private boolean isPulled() {
        return request.settings().value(Key.PULL).orElse("").equals("missing");
    }

    private boolean isProgram(String image) {
        List<String> command = request.command();
        boolean alone = command.isEmpty() || command.get(0).startsWith("-");
        return alone && isPlain(image) && Preflight.find(image, environment) != null;
    }

    private static boolean isPlain(String image) {
        return image.indexOf('/') < 0 && image.indexOf(':') < 0 && image.indexOf('@') < 0;
    }

    private static PluralityException usage(String message, String hint) {
        return new PluralityException(FailureKind.USAGE, message, hint);
    }
}
