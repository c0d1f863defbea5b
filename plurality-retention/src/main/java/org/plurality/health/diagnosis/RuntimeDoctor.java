// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.diagnosis;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.plurality.failure.PluralityException;
import org.plurality.machine.ToolRun;
import org.plurality.unpack.squashfs.SquashfsTools;

/** Checks the programs that start containers, and those that create and mount squashfs files. */
public final class RuntimeDoctor {
    private static final String AREA = "runtime";

    private final String runtime;
    private final Map<String, String> environment;
    private final SquashfsTools tools;
    private final List<Finding> findings = new ArrayList<>();

    /** @param runtime a path, or a name on PATH */
    public RuntimeDoctor(String runtime, Map<String, String> environment, SquashfsTools tools) {
        this.runtime = runtime;
        this.environment = environment;
        this.tools = tools;
    }

    /** Returns what is taken where no runtime is set: runc; crun where only that is installed. */
    public static String usual(Map<String, String> environment) {
        boolean onlyCrun = ToolRun.find("runc", environment).isEmpty()
                && ToolRun.find("crun", environment).isPresent();
        return onlyCrun ? "crun" : "runc";
    }

    public List<Finding> findings() {
        runtime();
        for (String program : List.of("unshare", "mount")) {
            Optional<Path> file = ToolRun.find(program, environment);
            if (file.isPresent()) {
                ok(program, file.get().toString());
            } else {
                problem(
                        program,
                        "not installed",
                        "images with mounts of their own do not start here: install util-linux and mount");
            }
        }
        maker();
        Optional<Path> mounter = tools.mounter();
        if (mounter.isPresent()) {
            ok("squashfuse", mounter.get().toString());
        } else {
            note(
                    "squashfuse",
                    "not installed",
                    "squashfs images do not run here: install squashfuse, or stage in with --format dir");
        }
        return findings;
    }

    private void runtime() {
        Optional<Path> file = ToolRun.find(runtime, environment);
        if (file.isEmpty()) {
            problem(
                    "OCI runtime",
                    runtime + " is not installed",
                    "install runc 1.1 or later, or name another with 'runtime'");
            return;
        }
        Optional<ToolRun> run = ToolRun.of(List.of(file.get().toString(), "--version"));
        Optional<RuntimeVersion> version = run.flatMap(said -> RuntimeVersion.parse(said.text()));
        if (version.isEmpty()) {
            note("OCI runtime", file.get() + " does not say that it is runc or crun", "only these two are tried");
            return;
        }
        findings.add(judge(version.get(), file.get()));
    }

    static Finding judge(RuntimeVersion version, Path file) {
        String found = version.name() + " " + version.text() + " (" + file + ")";
        List<String> escapes = version.escapes();
        if (escapes.isEmpty()) {
            return Finding.ok(AREA, "OCI runtime", found);
        }
        String hint = "known ways out of it: " + String.join("; ", escapes)
                + ". Rootless, what gets out has its user's rights and no more.";
        return version.isDistributions()
                ? Finding.note(
                        AREA,
                        "OCI runtime",
                        found + ", a distribution's",
                        hint
                                + " Distributions mend old versions, which the version does not say: look into the package's changelog")
                : Finding.problem(
                        AREA,
                        "OCI runtime",
                        found,
                        hint + " Install 1.2.8, 1.3.3, 1.4.0 or later; newer ones mend more");
    }

    private void maker() {
        try {
            Path maker = tools.maker();
            String version = ToolRun.of(List.of(maker.toString(), "-version"))
                    .map(ToolRun::firstLine)
                    .orElse("");
            if (tools.hasZstd(maker)) {
                ok("squashfs-tools", version);
            } else {
                note(
                        "squashfs-tools",
                        version + ", without zstd",
                        "squashfs images cannot be made here: install a build with zstd");
            }
        } catch (PluralityException e) {
            note("squashfs-tools", e.getMessage(), e.hint());
        }
    }

    private void ok(String check, String found) {
        findings.add(Finding.ok(AREA, check, found));
    }

    private void note(String check, String found, String hint) {
        findings.add(Finding.note(AREA, check, found, hint));
    }

    private void problem(String check, String found, String hint) {
        findings.add(Finding.problem(AREA, check, found, hint));
    }
}
