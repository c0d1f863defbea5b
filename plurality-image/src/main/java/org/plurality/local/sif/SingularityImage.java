// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.sif;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.plurality.display.Progress;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.image.ImageReader;
import org.plurality.json.JsonObject;
import org.plurality.local.shell.Assignments;
import org.plurality.local.squashfs.SquashTree;
import org.plurality.local.tree.TreeConfig;
import org.plurality.local.tree.TreeImage;
import org.plurality.posix.ByteString;
import org.plurality.reference.Platform;
import org.plurality.unpack.layer.UnpackLimits;

/** A SIF file as an image: its root filesystem, its environment, its labels, and its runscript for an entrypoint. */
public final class SingularityImage {
    private static final String DIRECTORY = ".singularity.d";
    private static final int MAX_FILE_BYTES = 1 << 20;

    /** They set up what a container of Apptainer needs, and nothing of the image's. */
    private static final Set<String> OF_THE_RUNTIME =
            Set.of("01-base.sh", "94-appsbase.sh", "95-apps.sh", "99-base.sh", "99-runtimevars.sh");

    /** The PATH that Apptainer sets before it reads these scripts. */
    private static final String USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private SingularityImage() {}

    /**
     * @param source for errors, as the user wrote it
     * @throws PluralityException NOT_FOUND when it is for another platform
     */
    public static ImageReader open(Path file, Platform platform, UnpackLimits limits, Progress progress, String source)
            throws PluralityException {
        try {
            FileChannel channel = FileChannel.open(file);
            SifHeader header;
            try {
                header = SifHeader.read(channel);
                if (!header.architecture().equals(platform.architecture())) {
                    throw new PluralityException(
                            FailureKind.NOT_FOUND,
                            "cannot find an image for " + platform + " in " + source + ": it is for linux/"
                                    + header.architecture(),
                            "stage it in with --platform linux/" + header.architecture() + " if that is meant");
                }
            } catch (IOException | PluralityException e) {
                channel.close();
                throw e;
            }
            if (header.overlays() > 0) {
                progress.note("left out the writable overlay in " + source
                        + ": 'apptainer build --sandbox DIRECTORY FILE' merges it, for dir:DIRECTORY");
            }
            SquashTree tree = SquashTree.open(channel, header.place(), header.bytes(), limits);
            try {
                return new TreeImage(tree, config(tree, platform, progress), source);
            } catch (IOException | RuntimeException e) {
                tree.close();
                throw e;
            }
        } catch (IOException e) {
            throw TreeImage.failed(source, e);
        }
    }

    private static TreeConfig config(SquashTree tree, Platform platform, Progress progress) throws IOException {
        Assignments environment = new Assignments(Map.of("PATH", USUAL_PATH));
        for (ByteString name : tree.list(DIRECTORY + "/env")) {
            String script = name.toUtf8().orElse("");
            if (script.endsWith(".sh") && !OF_THE_RUNTIME.contains(script)) {
                text(tree, DIRECTORY + "/env/" + script).ifPresent(environment::read);
            }
        }
        List<String> variables = new ArrayList<>();
        environment.exported().forEach((name, value) -> variables.add(name + "=" + value));
        environment.leftOut().forEach(what -> progress.note("left out of the image's environment: " + what));
        environment
                .incomplete()
                .forEach((name, missing) -> progress.note(name + " refers to " + missing
                        + ", which the image does not set: that part is empty in its value, '"
                        + environment.exported().get(name) + "'"));
        boolean runs = tree.read(DIRECTORY + "/runscript", MAX_FILE_BYTES).isPresent();
        return new TreeConfig(
                platform,
                variables,
                runs ? List.of("/bin/sh", "/" + DIRECTORY + "/runscript") : List.of(),
                List.of(),
                "",
                labels(tree));
    }

    private static SortedMap<String, String> labels(SquashTree tree) throws IOException {
        SortedMap<String, String> labels = new TreeMap<>();
        Optional<byte[]> document = tree.read(DIRECTORY + "/labels.json", MAX_FILE_BYTES);
        if (document.isPresent()) {
            try {
                JsonObject json = JsonObject.parse(document.get());
                for (String name : json.names()) {
                    labels.put(name, json.string(name));
                }
            } catch (IOException e) {
                // Older tools nest them; they steer nothing here.
            }
        }
        return labels;
    }

    private static Optional<String> text(SquashTree tree, String path) throws IOException {
        return tree.read(path, MAX_FILE_BYTES).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }
}
