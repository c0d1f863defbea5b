package org.plurality.cache;

import java.nio.file.Path;

/**
 * A published image: its document and where it lies. Only {@link Cache} makes one, after reading {@code entry.json}.
 *
 * @param layout of the cache that holds it
 * @param directory of the entry
 */
public record Entry(CacheLayout layout, Path directory, EntryDocument document) {

    /** The root filesystem: a directory or a squashfs file, as {@link EntryDocument#kind()} says. */
    public Path rootfs() {
        return layout.rootfs(directory, document.kind());
    }

    /** The exact bytes of the image configuration. */
    public Path config() {
        return layout.config(directory);
    }

    /** The exact bytes of the image manifest. */
    public Path manifest() {
        return layout.manifest(directory);
    }
}
