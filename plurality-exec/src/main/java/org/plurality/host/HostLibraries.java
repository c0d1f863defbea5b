// SPDX-License-Identifier: Apache-2.0
package org.plurality.host;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where the host's loader finds libraries of this machine's architecture, as {@code ldconfig -p} lists them. */
public final class HostLibraries {
    private static final Map<String, String> ARCHITECTURES =
            Map.of("amd64", "x86-64", "aarch64", "AArch64", "ppc64le", "64bit", "riscv64", "double-float");

    private final Map<String, Path> libraries;

    private HostLibraries(Map<String, Path> libraries) {
        this.libraries = libraries;
    }

    /** Runs the host's {@code ldconfig}, some 5 ms; an empty list where there is none. */
    public static HostLibraries read() throws IOException {
        for (String program : List.of("/sbin/ldconfig", "/usr/sbin/ldconfig")) {
            if (Files.isExecutable(Path.of(program))) {
                Process process = new ProcessBuilder(program, "-p")
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
                List<String> lines = new ArrayList<>();
                try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
                    for (String line = output.readLine(); line != null; line = output.readLine()) {
                        lines.add(line);
                    }
                }
                return parse(lines, ARCHITECTURES.getOrDefault(System.getProperty("os.arch", ""), ""));
            }
        }
        return none();
    }

    /** Nothing but what is found in directories that are named. */
    public static HostLibraries none() {
        return new HostLibraries(Map.of());
    }

    /** @param lines like {@code libc.so.6 (libc6,x86-64) => /lib/x86_64-linux-gnu/libc.so.6} */
    static HostLibraries parse(List<String> lines, String architecture) {
        Map<String, Path> libraries = new LinkedHashMap<>();
        for (String line : lines) {
            int open = line.indexOf(" (");
            int close = line.indexOf(')', open);
            int arrow = line.indexOf(" => ", close);
            if (open > 0 && arrow > 0 && line.substring(open, close).contains(architecture)) {
                libraries.putIfAbsent(
                        line.substring(0, open).strip(),
                        Path.of(line.substring(arrow + 4).strip()));
            }
        }
        return new HostLibraries(libraries);
    }

    /**
     * The libraries whose names fit, by name.
     *
     * @param pattern a name, which may have stars
     * @param first directories that are looked into before
     */
    public Map<String, Path> find(String pattern, List<String> first) throws IOException {
        Map<String, Path> found = new LinkedHashMap<>();
        for (String directory : first) {
            for (Path file : Glob.files(directory + "/" + pattern)) {
                found.putIfAbsent(file.getFileName().toString(), file);
            }
        }
        for (Map.Entry<String, Path> library : libraries.entrySet()) {
            if (Glob.matches(pattern, library.getKey())) {
                found.putIfAbsent(library.getKey(), library.getValue());
            }
        }
        return found;
    }
}
