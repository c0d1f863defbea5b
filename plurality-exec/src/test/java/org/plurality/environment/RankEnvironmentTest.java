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
        RankEnvironment rank = RankEnvironment.of(List.of("PATH=/image", "A=image", "B=image"), List.of("B=user"));
        assertThat(rank.plain()).isEqualTo(Map.of("PATH", "/image", "A", "image", "B", "user"));
    }

    @Test
    void imageWithoutPathGetsTheUsualOne() {
        assertThat(RankEnvironment.of(List.of(), List.of()).plain())
                .containsEntry("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    }

    @Test
    void imageCannotSetWhatTellsRanksApartOrWhoTheUserIs() {
        RankEnvironment rank = RankEnvironment.of(
                List.of("SLURM_PROCID=9", "PMI_RANK=9", "PMIX_RANK=9", "PBS_JOBID=9", "HOME=/evil", "USER=root"),
                List.of());
        assertThat(rank.plain()).containsOnlyKeys("PATH");
        assertThat(rank.loader()).isEmpty();
    }

    @Test
    void whatSteersTheLoaderOrTheShellNeverReachesThemOnTheHost() {
        RankEnvironment rank = RankEnvironment.of(
                List.of("LD_PRELOAD=/evil.so", "GCONV_PATH=/evil", "IFS=x", "UID=0", "BASH_ENV=/evil", "a.b=c", "OK=1"),
                List.of("LD_LIBRARY_PATH=/mine"));
        assertThat(rank.plain()).containsOnlyKeys("PATH", "OK");
        assertThat(rank.loader())
                .containsOnlyKeys("LD_PRELOAD", "GCONV_PATH", "IFS", "UID", "BASH_ENV", "a.b", "LD_LIBRARY_PATH");
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
