// SPDX-License-Identifier: Apache-2.0
package org.plurality.manual;

import java.util.ArrayList;
import java.util.List;

/** The commands of {@code plurality} that its script gives to other programs. A test compares them with its help. */
final class ScriptCommands {
    /** Commands of {@code plurality-stagein}, by the names that they have here. */
    static final List<Passed> PASSED = List.of(
            new Passed("pull", "pull", "Stages images in."),
            new Passed("images", "list", "Lists the images that are staged in."),
            new Passed("inspect", "inspect", "Shows what is known of images."),
            new Passed("path", "path", "Prints where an image's root filesystem is."),
            new Passed("rm", "rm", "Removes images."),
            new Passed("login", "login", "Keeps credentials of a registry."),
            new Passed("logout", "logout", "Forgets credentials of a registry."));

    private ScriptCommands() {}

    /** @param of its name in {@code plurality-stagein} */
    record Passed(String name, String of, String meaning) {}

    static List<ManualPage> pages() {
        List<ManualPage> pages = new ArrayList<>();
        for (Passed passed : PASSED) {
            pages.add(page(
                    passed.name(),
                    passed.meaning() + " The same as 'plurality-stagein " + passed.of()
                            + "': see plurality-stagein(1).",
                    "[OPTION...] [ARG...]",
                    List.of()));
        }
        pages.add(page(
                "stagein",
                "All of plurality-stagein, under one name: see plurality-stagein(1).",
                "COMMAND [ARG...]",
                List.of()));
        pages.add(page(
                "submit",
                "Stages in the images of a job, which its script names in lines '#PLURALITY image=REF', then submits it. The"
                        + " job runs the images of now, whatever their tags say when it starts. Ends with the status of sbatch or qsub.",
                "[--image IMAGE]... [--cache DIR] -- sbatch|qsub [OPTION...] SCRIPT [ARG...]",
                List.of(
                        new ManualPage.Row("--image IMAGE", "Stage this in, besides what the script names."),
                        new ManualPage.Row("--cache DIR", "The cache (default: ~/.cache/plurality)."))));
        pages.add(page(
                "broadcast",
                "In a Slurm batch script: copies an image that is staged as squashfs to each node of the job, once. 'srun"
                        + " plurality-exec --local IMAGE' then reads that copy.",
                "[--cache DIR] [--platform OS/ARCH[/VARIANT]] IMAGE",
                List.of(
                        new ManualPage.Row("--cache DIR", "The cache (default: ~/.cache/plurality)."),
                        new ManualPage.Row(
                                "--platform OS/ARCH[/VARIANT]", "Of the image (default: this machine's)."))));
        return pages;
    }

    private static ManualPage page(String name, String description, String synopsis, List<ManualPage.Row> options) {
        return new ManualPage(
                "plurality " + name,
                description,
                List.of("plurality " + name + " " + synopsis),
                List.of(),
                options,
                List.of());
    }
}
