// SPDX-License-Identifier: Apache-2.0
package org.plurality.environment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RankEnvironmentTest {
    @Test
    void userGoesOnTopOfTheImage() {
        RankEnvironment rank =
                RankEnvironment.of(List.of("PATH=/image", "A=image", "B=image"), List.of("B=user"), LibraryPath.NONE);
        assertThat(rank.variables()).isEqualTo(Map.of("PATH", "/image", "A", "image", "B", "user"));
    }

    @Test
    void imageWithoutPathGetsTheUsualOne() {
        assertThat(RankEnvironment.of(List.of(), List.of(), LibraryPath.NONE).variables())
                .containsEntry("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    }

    @Test
    void imageCannotSetWhatTellsRanksApartOrWhoTheUserIs() {
        RankEnvironment rank = RankEnvironment.of(
                List.of("SLURM_PROCID=9", "PMI_RANK=9", "PMIX_RANK=9", "PBS_JOBID=9", "HOME=/evil", "USER=root"),
                List.of(),
                LibraryPath.NONE);
        assertThat(rank.variables()).containsOnlyKeys("PATH");
    }

    @Test
    void imageMaySetWhatSteersLoadersAndShells() {
        RankEnvironment rank = RankEnvironment.of(
                List.of("LD_PRELOAD=/x.so", "IFS=x", "UID=0", "a.b=c"),
                List.of("LD_LIBRARY_PATH=/mine"),
                LibraryPath.NONE);
        assertThat(rank.variables()).containsOnlyKeys("PATH", "LD_PRELOAD", "IFS", "UID", "a.b", "LD_LIBRARY_PATH");
    }

    @Test
    void devicesOfARankAreTheSchedulersToChoose() {
        RankEnvironment rank = RankEnvironment.of(
                List.of("CUDA_VISIBLE_DEVICES=0", "ROCR_VISIBLE_DEVICES=0", "PLURALITYENV_X=1", "FLUX_TASK_RANK=1"),
                List.of("CUDA_VISIBLE_DEVICES=3"),
                LibraryPath.NONE);
        assertThat(rank.variables()).containsOnlyKeys("PATH", "CUDA_VISIBLE_DEVICES");
    }

    @Test
    void directoriesCanBePutAroundPathAndLibraries() {
        RankEnvironment rank = RankEnvironment.of(
                List.of("PATH=/image", "LD_LIBRARY_PATH=/image/lib"),
                List.of("PREPEND_PATH=/first", "APPEND_PATH=/last"),
                new LibraryPath(List.of("/mpi"), List.of("/driver")));
        assertThat(rank.variables())
                .isEqualTo(Map.of("PATH", "/first:/image:/last", "LD_LIBRARY_PATH", "/mpi:/image/lib:/driver"));
        assertThat(RankEnvironment.of(List.of(), List.of(), new LibraryPath(List.of(), List.of("/driver")))
                        .variables())
                .containsEntry("LD_LIBRARY_PATH", "/driver");
    }

    @Test
    void variablesOfAFileThePrefixAndTheOptionComeInThatOrder() {
        ChosenVariables chosen = new ChosenVariables()
                .addFile("# comment\n\nA=file\nB=file # kept\r\nC=\"quoted\"")
                .addPrefixed(Map.of("PLURALITYENV_A", "prefix", "PLURALITYENV_", "none", "D", "host"))
                .add("A=option");
        assertThat(chosen.variables())
                .containsExactly("A=file", "B=file # kept", "C=\"quoted\"", "A=prefix", "A=option");
        for (String text : List.of("export A=1", "A", "=1", "ok=1\nB")) {
            assertThatThrownBy(() -> new ChosenVariables().addFile(text))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("line ");
        }
        assertThatThrownBy(() -> new ChosenVariables().add("A")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void variablesOfOneRankAreToldFromThoseOfItsJob() {
        for (String name : List.of(
                "SLURM_PROCID",
                "SLURM_LOCALID",
                "PMI_RANK",
                "PMI_FD",
                "PMIX_RANK",
                "OMPI_COMM_WORLD_LOCAL_RANK",
                "PALS_RANKID",
                "FLUX_TASK_LOCAL_ID",
                "CUDA_VISIBLE_DEVICES")) {
            assertThat(RankEnvironment.isOfOneRank(name)).as(name).isTrue();
        }
        for (String name : List.of(
                "HOME", "USER", "TMPDIR", "SLURM_JOB_ID", "SLURM_ARRAY_TASK_ID", "SLURM_NNODES", "PBS_JOBID", "RANK")) {
            assertThat(RankEnvironment.isOfOneRank(name)).as(name).isFalse();
        }
    }

    @Test
    void entrypointAndDefaultArgumentsAreAsDockerMeansThem() throws IOException {
        ImageConfig config =
                ImageConfig.parse("{\"config\":{\"Entrypoint\":[\"/e\",\"-x\"],\"Cmd\":[\"c\"]}}".getBytes(UTF_8));
        assertThat(config.commandOf("", List.of())).containsExactly("/e", "-x", "c");
        assertThat(config.commandOf("", List.of("mine"))).containsExactly("/e", "-x", "mine");
        assertThat(config.commandOf("/other", List.of("mine"))).containsExactly("/other", "mine");
        assertThat(config.commandOf("/other", List.of())).containsExactly("/other");
    }

    @Test
    void imageConfigurationIsReadWithoutWhatItDoesNotNeed() throws IOException {
        ImageConfig config = ImageConfig.parse("""
                {"architecture":"amd64","rootfs":{"diff_ids":[]},"history":[{"empty_layer":true}],
                 "config":{"Env":["A=1","=2","B"],"Entrypoint":["/e"],"Cmd":["c"],"WorkingDir":"/w","Volumes":{"/v":{}}}}
                """.getBytes(UTF_8));
        assertThat(config.environment()).containsExactly("A=1");
        assertThat(config.defaultCommand()).containsExactly("/e", "c");
        assertThat(config.workingDirectory()).isEqualTo("/w");
        assertThat(ImageConfig.parse("{}".getBytes(UTF_8)).defaultCommand()).isEmpty();
        assertThatThrownBy(() -> ImageConfig.parse("{\"config\":{\"Env\":\"A=1\"}}".getBytes(UTF_8)))
                .isInstanceOf(IOException.class);
    }
}
