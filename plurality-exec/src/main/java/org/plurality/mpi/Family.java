// SPDX-License-Identifier: Apache-2.0
package org.plurality.mpi;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.plurality.failure.FailureKind;
import org.plurality.failure.PluralityException;
import org.plurality.host.ElfFile;
import org.plurality.host.HostLibraries;
import org.plurality.host.Profile;

/**
 * An MPI with one binary interface: a profile of kind {@code mpi}. Its {@code sonames} stand for that interface, by whatever names distributions
 * give it; {@code needs} and {@code lacks} tell families apart that had the same soname in their time.
 */
record Family(Profile profile) {
    List<String> sonames() {
        return profile.all("sonames");
    }

    List<String> directories() {
        return profile.all("directories");
    }

    /** The family's libraries in an image, by soname; none when it is of another. */
    Map<String, ImageLibraries.Library> in(ImageLibraries image) throws IOException {
        Map<String, ImageLibraries.Library> found = new LinkedHashMap<>();
        for (String soname : sonames()) {
            for (ImageLibraries.Library library : image.find(soname)) {
                if (!found.containsKey(soname) && isOf(library.elf())) {
                    found.put(soname, library);
                }
            }
        }
        return found;
    }

    /**
     * The node's library of this family.
     *
     * @throws PluralityException (OTHER) when it has none, or what has its name is another
     */
    Path on(HostLibraries host) throws PluralityException, IOException {
        for (String soname : sonames()) {
            Path file = host.find(soname, directories()).get(soname);
            if (file != null) {
                Path library = file.toRealPath();
                check(library, ElfFile.read(library));
                return library;
            }
        }
        throw refused(
                "the image's MPI is " + profile.name() + ", and this node has none of " + String.join(", ", sonames()),
                "load it on this node, name its directory in a profile, or use --mpi image");
    }

    private void check(Path library, ElfFile elf) throws PluralityException {
        String soname = elf.soname().orElse("");
        if (!sonames().contains(soname)) {
            throw refused(
                    library + " of this node says it is " + (soname.isEmpty() ? "nothing" : soname) + ", not one of "
                            + String.join(", ", sonames()),
                    "check the profile " + profile.name() + ", or use --mpi image");
        }
        if (!isOf(elf)) {
            throw refused(
                    library + " of this node is of another family than the image's " + profile.name()
                            + ": its name is the same, what it is made of is not",
                    "load that family's on this node, check the profile " + profile.name() + ", or use --mpi image");
        }
    }

    private boolean isOf(ElfFile elf) {
        boolean has = profile.all("needs").isEmpty();
        for (String name : elf.needed()) {
            for (String prefix : profile.all("needs")) {
                has |= name.startsWith(prefix);
            }
            for (String prefix : profile.all("lacks")) {
                if (name.startsWith(prefix)) {
                    return false;
                }
            }
        }
        return has;
    }

    static PluralityException refused(String why, String hint) {
        return new PluralityException(FailureKind.OTHER, "cannot use the host's MPI: " + why, hint);
    }
}
