// SPDX-License-Identifier: Apache-2.0
package org.plurality.health.diagnosis;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.plurality.machine.FuseDevice;
import org.plurality.machine.ToolRun;

/** Tests what containers need of the kernel, as the current user. */
public final class KernelDoctor {
    private static final String AREA = "kernel";
    private static final String OVERLAY =
            "d=$(mktemp -d) && trap 'umount -l \"$d\"; rmdir \"$d\"' EXIT && mount -t tmpfs none \"$d\" && mkdir \"$d\"/l \"$d\"/u \"$d\"/w"
                    + " \"$d\"/m && mount -t overlay -o \"lowerdir=$d/l,upperdir=$d/u,workdir=$d/w,userxattr\" none \"$d/m\""
                    + " && umount \"$d/m\"";

    private static final int MOST_BYTES = 1 << 20;

    private final Map<String, String> environment;
    private final Path proc;
    private final List<Finding> findings = new ArrayList<>();

    public KernelDoctor(Map<String, String> environment) {
        this(environment, Path.of("/proc"));
    }

    /** @param proc {@code /proc}, except in tests */
    KernelDoctor(Map<String, String> environment, Path proc) {
        this.environment = environment;
        this.proc = proc;
    }

    public List<Finding> findings() {
        Optional<Path> unshare = ToolRun.find("unshare", environment);
        if (unshare.isEmpty()) {
            problem("user namespaces", "cannot be tried: there is no unshare", "install util-linux");
        } else {
            String program = unshare.get().toString();
            boolean isAllowed = ToolRun.of(List.of(program, "--user", "--map-root-user", "true"))
                    .map(ToolRun::isOk)
                    .orElse(false);
            userNamespaces(isAllowed);
            boolean isOverlaid = isAllowed
                    && ToolRun.of(List.of(program, "--user", "--map-root-user", "--mount", "sh", "-c", OVERLAY))
                            .map(ToolRun::isOk)
                            .orElse(false);
            if (isOverlaid) {
                ok("overlay", "can be mounted in a user namespace");
            } else {
                note(
                        "overlay",
                        "cannot be mounted in a user namespace",
                        "--writable-tmpfs and --overlay do not work here; they need Linux 5.11 or later");
            }
        }
        fuse();
        cgroup();
        attach();
        return findings;
    }

    private void userNamespaces(boolean isAllowed) {
        String what = "this user " + (isAllowed ? "may make them" : "may not make them");
        if (value("sys/user/max_user_namespaces").equals("0")) {
            problem(
                    "user namespaces",
                    what + "; user.max_user_namespaces = 0",
                    "set it: sysctl user.max_user_namespaces=10000");
        } else if (value("sys/kernel/unprivileged_userns_clone").equals("0")) {
            problem(
                    "user namespaces",
                    what + "; kernel.unprivileged_userns_clone = 0",
                    "set it: sysctl kernel.unprivileged_userns_clone=1");
        } else if (value("sys/kernel/apparmor_restrict_unprivileged_userns").equals("1")) {
            problem(
                    "user namespaces",
                    what + "; AppArmor takes the rights in them away from users",
                    "set it: sysctl kernel.apparmor_restrict_unprivileged_userns=0");
        } else if (!isAllowed) {
            problem(
                    "user namespaces",
                    what,
                    "no container starts here: ask what forbids them (seccomp of a container that this runs in, SELinux, a"
                            + " limit in user.max_user_namespaces)");
        } else {
            ok("user namespaces", what + ", " + value("sys/user/max_user_namespaces") + " at most");
        }
    }

    private void fuse() {
        FuseDevice device = FuseDevice.here();
        if (!device.isThere()) {
            note(
                    "fuse",
                    "there is no /dev/fuse",
                    "squashfs images do not run here: modprobe fuse, or stage in with --format dir");
        } else if (!device.isOpen()) {
            note(
                    "fuse",
                    "/dev/fuse is not open to users",
                    "squashfs images do not run here: chmod 666 /dev/fuse, as udev does");
        } else {
            ok("fuse", "/dev/fuse is open to users");
        }
    }

    private void cgroup() {
        if (value("self/mountinfo").contains(" - cgroup")) {
            ok("cgroup", "mounted");
        } else {
            problem(
                    "cgroup",
                    "none is mounted",
                    "runc 1.1 starts nothing without: mount -t cgroup2 none /sys/fs/cgroup");
        }
    }

    /** MPI libraries copy between the ranks of a node with process_vm_readv. */
    private void attach() {
        String scope = value("sys/kernel/yama/ptrace_scope");
        if (scope.isEmpty() || scope.equals("0")) {
            ok("cross-memory attach", "ranks of a node may read each other");
        } else {
            note(
                    "cross-memory attach",
                    "kernel.yama.ptrace_scope = " + scope,
                    "MPI falls back to slower copies within a node: sysctl kernel.yama.ptrace_scope=0");
        }
    }

    private String value(String name) {
        // One read call: the kernel returns the whole number with the first read.
        try (InputStream in = Files.newInputStream(proc.resolve(name))) {
            return new String(in.readNBytes(MOST_BYTES), StandardCharsets.ISO_8859_1).strip();
        } catch (IOException e) {
            return "";
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
