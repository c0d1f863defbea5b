// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.layer;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.plurality.posix.ByteString;

/** The pax records {@code GNU.sparse.*} of one entry. */
final class SparseRecords {
    private String version = "";
    private String minor = "";
    private @Nullable ByteString name;
    private @Nullable String map;
    private final List<Long> pairs = new ArrayList<>();
    private long size = -1;

    /** @param keyword without {@code GNU.sparse.} */
    void put(String keyword, ByteString value) throws LayerFormatException {
        String text = value.toUtf8().orElse("");
        switch (keyword) {
            case "major" -> version = text;
            case "minor" -> minor = text;
            case "name" -> name = value;
            case "map" -> map = text;
            case "size", "realsize" -> size = SparseMap.number(text);
            case "offset", "numbytes" -> {
                if ((pairs.size() % 2 == 0) != keyword.equals("offset")) {
                    throw SparseMap.malformed();
                }
                pairs.add(SparseMap.number(text));
            }
            default -> {
                // How many pairs there are: it is counted.
            }
        }
    }

    /** The file's name, where that in the header is a made one. */
    @Nullable
    ByteString name() {
        return name;
    }

    /** Whether the map is in front of the contents. */
    boolean isInContents() {
        return version.equals("1") && minor.equals("0");
    }

    /** @throws LayerFormatException when they are of a version that is not known, or have no size */
    long size() throws LayerFormatException {
        boolean isKnown = isInContents() || version.isEmpty() || version.equals("0");
        if (!isKnown || size < 0) {
            throw SparseMap.malformed();
        }
        return size;
    }

    List<Long> pairs() throws LayerFormatException {
        return map == null ? pairs : SparseMap.commas(map);
    }
}
