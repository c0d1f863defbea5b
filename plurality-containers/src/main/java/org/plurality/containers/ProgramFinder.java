// SPDX-License-Identifier: Apache-2.0
package org.plurality.containers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plurality.bundle.Bind;
import org.plurality.bundle.RootfsView;

/**
 * Looks for the program of a command line as the container will: the runtime ends with 1 whatever was wrong, and a shell's 126 and 127 are what
 * scripts look at.
 *
 * @param layers root filesystems, the uppermost first
 * @param binds over them
 */
record ProgramFinder(List<Path> layers, List<Bind> binds) {
    private static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    ProgramFinder {
        layers = List.copyOf(layers);
        binds = List.copyOf(binds);
    }

    /** What there is. */
    enum Verdict {
        RUNNABLE,
        NOT_EXECUTABLE,
        NOT_FOUND
    }

    /**
     * @param program as the command line has it
     * @param environment {@code NAME=VALUE}, for {@code PATH}
     * @param workDirectory in the container, for a relative path
     */
    Verdict find(String program, List<String> environment, String workDirectory) throws IOException {
        if (program.isEmpty()) {
            return Verdict.NOT_FOUND;
        }
        if (program.contains("/")) {
            return look(Path.of(workDirectory).resolve(program).normalize());
        }
        String path = DEFAULT_PATH;
        for (String variable : environment) {
            if (variable.startsWith("PATH=")) {
                path = variable.substring("PATH=".length());
            }
        }
        Verdict best = Verdict.NOT_FOUND;
        for (String directory : path.split(":", -1)) {
            Verdict verdict = look(
                    Path.of(workDirectory).resolve(directory).resolve(program).normalize());
            if (verdict == Verdict.RUNNABLE) {
                return verdict;
            }
            best = verdict == Verdict.NOT_EXECUTABLE ? verdict : best;
        }
        return best;
    }

    private Verdict look(Path path) throws IOException {
        Verdict best = Verdict.NOT_FOUND;
        for (Path layer : layers) {
            RootfsView.Location location = new RootfsView(layer).locate(path);
            Bind bind = bindAbove(location.resolved());
            if (bind != null) {
                return verdict(bind.source().resolve(bind.destination().relativize(location.resolved())));
            }
            // Links of one layer lead into another.
            for (Path other : layers) {
                Verdict verdict = verdict(new RootfsView(other).onHost(location.resolved()));
                if (verdict == Verdict.RUNNABLE) {
                    return verdict;
                }
                best = verdict == Verdict.NOT_EXECUTABLE ? verdict : best;
            }
        }
        return best;
    }

    private static Verdict verdict(Path onHost) {
        if (!Files.exists(onHost)) {
            return Verdict.NOT_FOUND;
        }
        return Files.isRegularFile(onHost) && Files.isExecutable(onHost) ? Verdict.RUNNABLE : Verdict.NOT_EXECUTABLE;
    }

    private @Nullable Bind bindAbove(Path path) {
        Bind deepest = null;
        for (Bind bind : binds) {
            if (path.startsWith(bind.destination())
                    && (deepest == null
                            || bind.destination().getNameCount()
                                    >= deepest.destination().getNameCount())) {
                deepest = bind;
            }
        }
        return deepest;
    }
}
