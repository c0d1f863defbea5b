// SPDX-License-Identifier: Apache-2.0
package org.plurality.unpack.rootfs;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Layers that get in each other's way. */
final class RandomLayers {
    private static final String[] NAMES = {"a", "b", "c", "lib"};

    private RandomLayers() {}

    static List<byte[]> make(Random random) {
        List<byte[]> layers = new ArrayList<>();
        int count = 1 + random.nextInt(4);
        for (int layer = 0; layer < count; layer++) {
            TarBytes tar = new TarBytes();
            int entries = 1 + random.nextInt(7);
            for (int i = 0; i < entries; i++) {
                add(tar, random);
            }
            layers.add(tar.end());
        }
        return layers;
    }

    private static void add(TarBytes tar, Random random) {
        switch (random.nextInt(14)) {
            case 0, 1, 2, 3, 4 -> tar.file(path(random), "x".repeat(random.nextInt(3)));
            case 5, 6, 7 -> tar.directory(path(random) + "/", 0700 + random.nextInt(64));
            case 8, 9 -> tar.symlink(path(random), random.nextBoolean() ? path(random) : "/" + path(random));
            case 10 -> tar.hardLink(path(random), path(random));
            case 11, 12 -> {
                String directory = random.nextBoolean() ? "" : path(random) + "/";
                tar.file(directory + ".wh." + NAMES[random.nextInt(NAMES.length)], "");
            }
            default -> tar.file((random.nextBoolean() ? "" : path(random) + "/") + ".wh..wh..opq", "");
        }
    }

    private static String path(Random random) {
        String path = NAMES[random.nextInt(NAMES.length)];
        for (int depth = random.nextInt(3); depth > 0; depth--) {
            path += "/" + NAMES[random.nextInt(NAMES.length)];
        }
        return path;
    }
}
