// SPDX-License-Identifier: Apache-2.0
package org.plurality.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.plurality.reference.Digest;

/**
 * Mutates inputs and keeps those that take a way not seen before: {@code Fuzz CORPUS MINUTES [TARGET...]}. The corpus has a directory for each
 * target; what is found goes to {@code CORPUS/TARGET/found-...}. Ends with status 1 when something was.
 */
public final class Fuzz {
    private static final int LONGEST = 16 << 10;
    private static final Duration SLOW = Duration.ofSeconds(1);
    private static final String[] WORDS = {
        "ustar",
        "../",
        "/",
        ".wh.",
        ".wh..wh..opq",
        "\0",
        "path=",
        "linkpath=",
        "size=",
        "mtime=",
        "SCHILY.xattr.user.a=",
        "77777777777",
        "\"",
        "{",
        "[",
        "}",
        "]",
        ":",
        ",",
        "\\u0000",
        "sha256:",
        "@",
        "-1",
        "9223372036854775808",
        "1e999",
        "null",
        "true",
        "layers",
        "manifests",
        "Bearer ",
        "realm=",
        "''",
        "\"\"\"",
        "#",
        "=",
        "\n",
        "\r",
        "\ud83d\ude00",
        "linux/",
        "/v8"
    };

    private final Path corpus;
    private final Random random;
    private int found;

    private Fuzz(Path corpus, long seed) {
        this.corpus = corpus;
        this.random = new Random(seed);
    }

    public static void main(String[] arguments) throws IOException {
        List<Target> targets = arguments.length > 2
                ? Stream.of(arguments).skip(2).map(Target::valueOf).toList()
                : List.of(Target.values());
        long seed = System.nanoTime();
        Fuzz fuzz = new Fuzz(Path.of(arguments[0]), seed);
        long nanos = Duration.ofSeconds((long) (Double.parseDouble(arguments[1]) * 60))
                        .toNanos()
                / targets.size();
        for (Target target : targets) {
            fuzz.run(target, nanos);
        }
        System.out.println("seed " + seed + ", found " + fuzz.found);
        System.exit(fuzz.found == 0 ? 0 : 1);
    }

    private void run(Target target, long nanos) throws IOException {
        Path directory = Files.createDirectories(corpus.resolve(target.label()));
        List<byte[]> inputs = inputs(directory);
        Set<String> ways = new HashSet<>();
        for (byte[] input : inputs) {
            ways.add(target.outcome(input));
        }
        long until = System.nanoTime() + nanos;
        long runs = 0;
        while (System.nanoTime() < until) {
            byte[] input = mutate(inputs, target == Target.TAR);
            runs++;
            long began = System.nanoTime();
            try {
                if (ways.add(target.outcome(input))) {
                    inputs.add(input);
                    Files.write(directory.resolve(name(input)), input);
                }
                if (System.nanoTime() - began > SLOW.toNanos()) {
                    System.out.println(target.label() + " took " + (System.nanoTime() - began) / 1_000_000 + " ms");
                    Files.write(directory.resolve("slow-" + name(input)), input);
                }
            } catch (AssertionError e) {
                if (ways.add(String.valueOf(e.getMessage()))) {
                    found++;
                    Files.write(directory.resolve("found-" + name(input)), input);
                    e.printStackTrace(System.out);
                }
            }
        }
        System.out.println(
                target.label() + ": " + runs + " runs, " + inputs.size() + " inputs, " + ways.size() + " ways");
    }

    private static List<byte[]> inputs(Path directory) throws IOException {
        List<byte[]> inputs = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : (Iterable<Path>) files.sorted()::iterator) {
                inputs.add(Files.readAllBytes(file));
            }
        }
        if (inputs.isEmpty()) {
            inputs.add(new byte[0]);
        }
        return inputs;
    }

    private static String name(byte[] input) {
        return Digest.sha256(input).hex().substring(0, 16);
    }

    private byte[] mutate(List<byte[]> inputs, boolean isTar) {
        byte[] input = inputs.get(random.nextInt(inputs.size())).clone();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            input = mutateOnce(input, inputs, isTar);
        }
        byte[] cut = input.length > LONGEST ? Arrays.copyOf(input, LONGEST) : input;
        if (isTar && random.nextInt(8) > 0) {
            sum(cut);
        }
        return cut;
    }

    private byte[] mutateOnce(byte[] input, List<byte[]> inputs, boolean isTar) {
        int at = input.length == 0 ? 0 : random.nextInt(input.length);
        return switch (random.nextInt(isTar ? 9 : 7)) {
            case 0 -> {
                if (input.length > 0) {
                    input[at] ^= (byte) (1 << random.nextInt(8));
                }
                yield input;
            }
            case 1 -> {
                if (input.length > 0) {
                    input[at] = (byte) random.nextInt(256);
                }
                yield input;
            }
            case 2 -> splice(input, at, at, word());
            case 3 -> {
                byte[] word = word();
                System.arraycopy(word, 0, input, at, Math.min(word.length, input.length - at));
                yield input;
            }
            case 4 -> splice(input, at, Math.min(input.length, at + random.nextInt(64)), new byte[0]);
            case 5 -> {
                byte[] other = inputs.get(random.nextInt(inputs.size()));
                int from = other.length == 0 ? 0 : random.nextInt(other.length);
                yield splice(input, at, input.length, Arrays.copyOfRange(other, from, other.length));
            }
            case 6 -> {
                int end = Math.min(input.length, at + random.nextInt(200));
                yield splice(input, at, at, Arrays.copyOfRange(input, at, end));
            }
            case 7 -> {
                // Whole blocks: entries doubled, dropped, or put elsewhere.
                int block = at / 512 * 512;
                int end = Math.min(input.length, block + 512 * (1 + random.nextInt(4)));
                byte[] blocks = Arrays.copyOfRange(input, block, end);
                int to = random.nextInt(input.length / 512 + 1) * 512;
                yield random.nextBoolean()
                        ? splice(input, block, end, new byte[0])
                        : splice(input, Math.min(to, input.length), Math.min(to, input.length), blocks);
            }
            default -> {
                // A field of a header.
                int[] fields = {0, 100, 108, 124, 136, 156, 157, 257, 345};
                int field = at / 512 * 512 + fields[random.nextInt(fields.length)];
                byte[] word = random.nextBoolean()
                        ? word()
                        : new byte[] {(byte) "0123456789LKxgSXDMV".charAt(random.nextInt(19))};
                if (field + word.length < input.length) {
                    System.arraycopy(word, 0, input, field, word.length);
                }
                yield input;
            }
        };
    }

    private byte[] word() {
        return WORDS[random.nextInt(WORDS.length)].getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] splice(byte[] input, int from, int to, byte[] middle) {
        byte[] spliced = new byte[from + middle.length + input.length - to];
        System.arraycopy(input, 0, spliced, 0, from);
        System.arraycopy(middle, 0, spliced, from, middle.length);
        System.arraycopy(input, to, spliced, from + middle.length, input.length - to);
        return spliced;
    }

    /** Checksums, else nothing behind them would be reached. */
    private static void sum(byte[] tar) {
        for (int at = 0; at + 512 <= tar.length; at += 512) {
            if (tar[at + 257] != 'u' || tar[at + 258] != 's') {
                continue;
            }
            Arrays.fill(tar, at + 148, at + 156, (byte) ' ');
            int sum = 0;
            for (int i = at; i < at + 512; i++) {
                sum += tar[i] & 0xff;
            }
            byte[] digits = String.format("%06o\0 ", sum).getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(digits, 0, tar, at + 148, 8);
        }
    }
}
