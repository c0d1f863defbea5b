// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.plurality.posix.ByteString;
import org.plurality.unpack.layer.LayerFormatException;
import org.plurality.unpack.layer.TarEntry;

/**
 * What the layers read so far, from the highest down, hide of those below: a good guess, made of names alone. Links on the way to a name
 * and odd orders within a layer are not followed; {@link RootfsArchive} finds out later, and mends.
 */
final class WhiteoutIndex {
    private static final ByteString SLASH = ByteString.utf8("/");
    private static final ByteString NONE = ByteString.utf8("");
    private static final int BYTES = 120;

    private final MemoryBudget memory;
    private final boolean isLowest;
    private final Set<ByteString> above;
    private final Set<ByteString> own = new HashSet<>();
    private long taken;
    private ByteString lastDirectory = NONE;
    private boolean lastIsHidden;

    /** @param above what {@link #below} gave for the layer above; changed from now on */
    private WhiteoutIndex(MemoryBudget memory, Set<ByteString> above, long taken, boolean isLowest) {
        this.memory = memory;
        this.above = above;
        this.taken = taken;
        this.isLowest = isLowest;
        this.lastIsHidden = above.contains(SLASH);
    }

    static WhiteoutIndex none(MemoryBudget memory, boolean isLowest) {
        return new WhiteoutIndex(memory, new HashSet<>(), 0, isLowest);
    }

    /** For the next layer down. */
    WhiteoutIndex below(boolean nextIsLowest) {
        above.addAll(own);
        return new WhiteoutIndex(memory, above, taken, nextIsLowest);
    }

    void forget() {
        memory.giveBack(taken);
    }

    /**
     * Takes note of an entry.
     *
     * @return whether it seems to be seen at its own name in the end
     */
    boolean shows(List<ByteString> components, ByteString path, TarEntry entry) throws LayerFormatException {
        ByteString name = components.getLast();
        if (name.startsWith(EntryName.WHITEOUT)) {
            ByteString parent = path.substring(0, Math.max(0, path.length() - name.length() - 1));
            if (name.equals(EntryName.OPAQUE)) {
                hide(parent.concat(SLASH));
            } else if (!name.startsWith(EntryName.WHITEOUT_META)) {
                ByteString hidden = name.substring(EntryName.WHITEOUT.length(), name.length());
                hide(parent.isEmpty() ? hidden : parent.concat(SLASH).concat(hidden));
            }
            return false;
        }
        boolean shown = !own.contains(path) && !above.contains(path) && !isBelowHidden(components, path);
        if (entry.kind() != TarEntry.Kind.DIRECTORY) {
            hide(path);
        }
        return shown;
    }

    private boolean isBelowHidden(List<ByteString> components, ByteString path) {
        if (above.isEmpty()) {
            return false;
        }
        int nameLength = components.getLast().length();
        ByteString directory = path.substring(0, Math.max(0, path.length() - nameLength - 1));
        if (!directory.equals(lastDirectory)) {
            lastDirectory = directory;
            lastIsHidden = isHidden(directory);
        }
        return lastIsHidden;
    }

    private boolean isHidden(ByteString directory) {
        if (above.contains(SLASH)) {
            return true;
        }
        for (int end = 0; end < directory.length(); end++) {
            int slash = directory.indexOf('/', end);
            end = slash < 0 ? directory.length() : slash;
            ByteString ancestor = directory.substring(0, end);
            if (above.contains(ancestor) || above.contains(ancestor.concat(SLASH))) {
                return true;
            }
        }
        return false;
    }

    private void hide(ByteString path) throws LayerFormatException {
        if (!isLowest && own.add(path)) {
            memory.take(BYTES + path.length());
            taken += BYTES + path.length();
        }
    }
}
