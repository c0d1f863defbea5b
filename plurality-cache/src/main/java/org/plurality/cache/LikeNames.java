// SPDX-License-Identifier: Apache-2.0
package org.plurality.cache;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.plurality.reference.ImageReference;

/**
 * Finds names recorded in a cache that are like one that is not: the same image of another registry or namespace, or
 * with another tag. Reads directories and no file, and gives up early: it is asked when an image is missing.
 */
public final class LikeNames {
    private static final String TAGS = "_tags";
    private static final int MOST_DIRECTORIES = 2000;

    private LikeNames() {}

    /** Returns the names that are most like the reference, at most {@code most}: with its tag, if there are such. */
    public static List<String> of(ImageReference reference, CacheLayout layout, int most) {
        String last = last(reference.repository());
        List<String> sameTag = new ArrayList<>();
        List<String> otherTags = new ArrayList<>();
        for (Path tags : tagDirectories(layout, last)) {
            String name = layout.refs().relativize(tags).toString();
            String repository = name.substring(0, name.length() - TAGS.length() - 1);
            for (Path tag : children(tags)) {
                String text = String.valueOf(tag.getFileName());
                (text.equals(reference.tag()) ? sameTag : otherTags).add(shortened(repository) + ":" + text);
            }
        }
        List<String> names = sameTag.isEmpty() ? otherTags : sameTag;
        names.sort(null);
        return names.size() > most ? List.copyOf(names.subList(0, most)) : names;
    }

    /** Returns the directories of tags of all repositories whose last part is this one. */
    private static List<Path> tagDirectories(CacheLayout layout, String last) {
        List<Path> found = new ArrayList<>();
        Deque<Path> waiting = new ArrayDeque<>(List.of(layout.refs()));
        for (int read = 0; !waiting.isEmpty() && read < MOST_DIRECTORIES; read++) {
            Path directory = waiting.remove();
            boolean isWanted = last.equals(String.valueOf(directory.getFileName()));
            for (Path child : children(directory)) {
                String name = String.valueOf(child.getFileName());
                if (!name.startsWith("_")) {
                    waiting.add(child);
                } else if (isWanted && name.equals(TAGS)) {
                    found.add(child);
                }
            }
        }
        return found;
    }

    private static List<Path> children(Path directory) {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(children::add);
        } catch (IOException | DirectoryIteratorException e) {
            // A file, or removed at this moment.
        }
        return children;
    }

    /** Returns the name as people write it: {@code docker.io/library/debian} is {@code debian}. */
    private static String shortened(String repository) {
        String hub = ImageReference.DEFAULT_REGISTRY + "/";
        if (!repository.startsWith(hub)) {
            return repository;
        }
        String rest = repository.substring(hub.length());
        return rest.startsWith("library/") ? rest.substring("library/".length()) : rest;
    }

    private static String last(String repository) {
        return repository.substring(repository.lastIndexOf('/') + 1);
    }
}
