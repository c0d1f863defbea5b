// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.plurality.failure.PluralityException;
import org.plurality.json.JsonObject;
import org.plurality.reference.Digest;

/** Images that no expiry removes: one file each in {@code pins/}. That it is there counts; what it says is to show. */
public final class Pins {
    private final CacheLayout layout;

    public Pins(CacheLayout layout) {
        this.layout = layout;
    }

    public boolean has(Digest image) {
        return Files.exists(layout.pin(image), LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * @param user who wants it, to show
     * @param at by the caller's clock, to show
     */
    public void pin(Digest image, String user, Instant at) throws PluralityException {
        try {
            CachePermissions.createDirectories(layout, layout.pins());
            byte[] document = JsonObject.write(json -> {
                json.writeNumberField("format", EntryDocument.FORMAT);
                json.writeStringField("digest", image.toString());
                json.writeStringField("user", user);
                json.writeNumberField("pinnedAtMillis", at.toEpochMilli());
            });
            DurableFiles.replace(layout.pin(image), document, OwnerTaggedName.in(layout.tmp(), "pin"));
        } catch (IOException e) {
            throw PluralityException.storage("cannot pin " + image + " in " + layout.root(), e);
        }
    }

    /** @return whether it was pinned */
    public boolean unpin(Digest image) throws PluralityException {
        try {
            return Files.deleteIfExists(layout.pin(image));
        } catch (IOException e) {
            throw PluralityException.storage("cannot unpin " + image + " in " + layout.root(), e);
        }
    }

    /** The hex digits of all that are pinned: one directory read. */
    public Set<String> all() throws PluralityException {
        Set<String> pinned = new HashSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(layout.pins())) {
            files.forEach(file -> pinned.add(String.valueOf(file.getFileName())));
        } catch (NoSuchFileException e) {
            return pinned;
        } catch (DirectoryIteratorException e) {
            throw PluralityException.storage("cannot read the pins in " + layout.root(), new IOException(e));
        } catch (IOException e) {
            throw PluralityException.storage("cannot read the pins in " + layout.root(), e);
        }
        return pinned;
    }
}
