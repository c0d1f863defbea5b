// SPDX-License-Identifier: Apache-2.0
package org.plurality.app.pull;

import java.io.IOException;
import java.util.Map;
import org.plurality.cache.Scratch;
import org.plurality.config.Key;
import org.plurality.config.Settings;
import org.plurality.display.Progress;
import org.plurality.failure.PluralityException;
import org.plurality.image.ImageReader;
import org.plurality.image.ImageSource;
import org.plurality.local.archive.Archives;
import org.plurality.local.sif.SingularityImage;
import org.plurality.local.squashfs.SquashTree;
import org.plurality.local.tree.DirectoryTree;
import org.plurality.local.tree.EnrootFiles;
import org.plurality.local.tree.FileTree;
import org.plurality.local.tree.TreeImage;
import org.plurality.pull.ImageSourceOpener;
import org.plurality.pull.PullRequest;
import org.plurality.remote.docker.DaemonImage;
import org.plurality.remote.docker.EngineAddress;
import org.plurality.remote.registry.Registries;
import org.plurality.unpack.layer.UnpackLimits;

/** Opens images wherever the command line names them. */
public final class TransportOpener implements ImageSourceOpener {
    private final Registries registries;
    private final UnpackLimits limits;
    private final Settings settings;
    private final Map<String, String> environment;

    public TransportOpener(
            Registries registries, UnpackLimits limits, Settings settings, Map<String, String> environment) {
        this.settings = settings;
        this.environment = environment;
        this.registries = registries;
        this.limits = limits;
    }

    @Override
    public ImageReader open(PullRequest request, Scratch scratch, Progress progress) throws PluralityException {
        String source = request.source().toString();
        Archives archives = new Archives(scratch, limits.maxBytes(), progress);
        return switch (request.source()) {
            case ImageSource.InRegistry in -> registries.open(in.reference());
            case ImageSource.DockerDaemon in ->
                DaemonImage.open(
                        EngineAddress.of(settings.value(Key.DOCKER_HOST), environment), archives, in.name(), source);
            case ImageSource.DockerArchive in ->
                in.file() == null
                        ? archives.dockerArchiveOnStandardInput(in.name(), source)
                        : archives.dockerArchive(in.file(), in.name(), source);
            case ImageSource.OciLayout in -> Archives.ociLayout(in.directory(), in.tag(), source);
            case ImageSource.OciArchive in -> archives.ociArchive(in.file(), in.tag(), source);
            case ImageSource.Directory in ->
                tree(new DirectoryTree(in.directory(), limits.maxDepth()), request, progress);
            case ImageSource.Squashfs in -> squashfs(in, request, progress);
            case ImageSource.Sif in -> SingularityImage.open(in.file(), request.platform(), limits, progress, source);
        };
    }

    private ImageReader squashfs(ImageSource.Squashfs in, PullRequest request, Progress progress)
            throws PluralityException {
        try {
            return tree(SquashTree.open(in.file(), limits), request, progress);
        } catch (IOException e) {
            throw TreeImage.failed(in.toString(), e);
        }
    }

    private static ImageReader tree(FileTree tree, PullRequest request, Progress progress) throws PluralityException {
        String source = request.source().toString();
        try {
            return new TreeImage(tree, EnrootFiles.config(tree, request.platform(), progress), source);
        } catch (IOException e) {
            tree.close();
            throw TreeImage.failed(source, e);
        }
    }
}
