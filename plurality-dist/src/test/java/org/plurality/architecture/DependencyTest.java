// SPDX-License-Identifier: Apache-2.0
package org.plurality.architecture;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Holds the code to the table of packages in ARCHITECTURE.md. */
class DependencyTest {
    private static final Pattern ROW = Pattern.compile("\\| `([a-z.]+)` \\|[^|]*\\|([^|]*)\\|([^|]*)\\|");

    private static final Map<String, String> LIBRARIES = Map.ofEntries(
            Map.entry("okhttp3", "okhttp"),
            Map.entry("picocli", "picocli"),
            Map.entry("com.fasterxml.jackson.core", "jackson-core"),
            Map.entry("com.fasterxml.jackson.databind", "jackson-databind"),
            Map.entry("com.fasterxml.jackson.dataformat.toml", "jackson-dataformat-toml"),
            Map.entry("org.apache.commons.compress", "commons-compress"),
            Map.entry("io.airlift.compress", "aircompressor"),
            Map.entry("com.github.luben.zstd", "zstd-jni"),
            Map.entry("org.tukaani.xz", "xz"),
            Map.entry("org.slf4j", "slf4j"),
            Map.entry("org.snakeyaml", "snakeyaml-engine"),
            Map.entry("org.quartz", "quartz"),
            Map.entry("ch.qos.logback", "logback"),
            Map.entry("java.lang.foreign", "java.lang.foreign"),
            Map.entry("java.net.http", "java.net.http"));

    private final JavaClasses classes = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("org.plurality");

    @Test
    void packagesUseOnlyWhatTheArchitectureAllows() throws IOException {
        Map<String, Set<String>> allowed = allowed();
        Set<String> violations = new TreeSet<>();
        for (JavaClass origin : classes) {
            String from = packageOf(origin, allowed.keySet());
            assertThat(allowed).as("rows of ARCHITECTURE.md").containsKey(from);
            for (Dependency dependency : origin.getDirectDependenciesFromSelf()) {
                String to = packageOf(dependency.getTargetClass(), allowed.keySet());
                if (!to.isEmpty() && !to.equals(from) && !allowed.get(from).contains(to)) {
                    violations.add(from + " -> " + to + " (" + origin.getSimpleName() + ")");
                }
            }
        }
        assertThat(violations).isEmpty();
    }

    @Test
    void packagesHaveNoCycles() throws IOException {
        Set<String> rows = allowed().keySet();
        slices().assignedFrom(new SliceAssignment() {
                    @Override
                    public SliceIdentifier getIdentifierOf(JavaClass type) {
                        String row = packageOf(type, rows);
                        return rows.contains(row) ? SliceIdentifier.of(row) : SliceIdentifier.ignore();
                    }

                    @Override
                    public String getDescription() {
                        return "packages of ARCHITECTURE.md";
                    }
                })
                .should()
                .beFreeOfCycles()
                .check(classes);
    }

    /** Returns the longest row that holds the class, or the library; empty if the class needs no permission. */
    private static String packageOf(JavaClass type, Set<String> rows) {
        String name = type.getPackageName();
        if (name.startsWith("org.plurality.")) {
            String ours = name.substring("org.plurality.".length());
            return rows.stream()
                    .filter(row -> ours.equals(row) || ours.startsWith(row + "."))
                    .max(Comparator.comparingInt(String::length))
                    .orElse(ours);
        }
        for (Map.Entry<String, String> library : LIBRARIES.entrySet()) {
            if (name.equals(library.getKey()) || name.startsWith(library.getKey() + ".")) {
                return library.getValue();
            }
        }
        return "";
    }

    private static Map<String, Set<String>> allowed() throws IOException {
        Map<String, Set<String>> allowed = new TreeMap<>();
        Matcher rows = ROW.matcher(Files.readString(Path.of("../ARCHITECTURE.md")));
        while (rows.find()) {
            Set<String> uses = new TreeSet<>(Arrays.asList(rows.group(2).trim().split("[, ]+", -1)));
            uses.addAll(Arrays.asList(rows.group(3).trim().split("[, ]+", -1)));
            allowed.put(rows.group(1), uses);
        }
        return allowed;
    }
}
