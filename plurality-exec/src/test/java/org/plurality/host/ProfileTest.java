// SPDX-License-Identifier: Apache-2.0
package org.plurality.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.plurality.failure.PluralityException;

class ProfileTest {
    @TempDir
    private Path directory;

    @Test
    void aSitesProfileTakesThePlaceOfItsNamesakeAndOthersStay() throws Exception {
        Path ours = Files.createDirectory(directory.resolve("ours"));
        Path site = Files.createDirectory(directory.resolve("site"));
        Files.writeString(ours.resolve("mpich.toml"), "kind = \"mpi\"\nsonames = [\"libmpi.so.12\"]\n");
        Files.writeString(ours.resolve("cxi.toml"), "kind = \"fabric\"\n");
        Files.writeString(site.resolve("mpich.toml"), "kind = \"mpi\"\nsonames = [\"libmpi_cray.so.12\"]\n");
        Map<String, Profile> profiles = Profile.load(List.of(ours, site, directory.resolve("none")));
        assertThat(profiles).containsOnlyKeys("cxi", "mpich");
        assertThat(Profile.ofKind(profiles, "mpi").get(0).all("sonames")).containsExactly("libmpi_cray.so.12");
    }

    @Test
    void aKeyThatIsNotKnownNamesTheFile() throws Exception {
        Files.writeString(directory.resolve("mine.toml"), "kind = \"mpi\"\ncolour = \"red\"\n");
        assertThatThrownBy(() -> Profile.load(List.of(directory)))
                .isInstanceOf(PluralityException.class)
                .hasMessageContaining("mine.toml")
                .hasMessageContaining("unknown key 'colour'");
    }

    @Test
    void starsStandForAnyCharactersOfTheLastName() throws Exception {
        for (String name : List.of("nvidia0", "nvidia1", "null")) {
            Files.createFile(directory.resolve(name));
        }
        Profile profile = new Profile("nv", Map.of("devices", List.of(directory + "/nvidia*", directory + "/none*")));
        assertThat(profile.files("devices"))
                .containsExactly(directory.resolve("nvidia0"), directory.resolve("nvidia1"));
    }
}
