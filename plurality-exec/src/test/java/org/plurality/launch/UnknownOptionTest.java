// SPDX-License-Identifier: Apache-2.0
package org.plurality.launch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnknownOptionTest {
    @ParameterizedTest
    @CsvSource({
        "--gpus,--nv",
        "--fakeroot,plurality create",
        "--user,leave it out",
        "-w,--workdir DIR",
        "--network,leave it out",
        "--name,plurality create",
        "--memory,sbatch",
        "--containall,--contain --cleanenv --pid",
        "--tmpfs,--mount type=tmpfs",
        "--container-image,SPANK",
        "--verbose,--debug"
    })
    void optionOfAnotherToolIsExplained(String option, String hint) {
        assertThat(UnknownOption.of(option).hint()).contains(hint);
    }

    @ParameterizedTest
    @CsvSource({"--bnid,--bind", "--work-dir,--workdir", "--clean-env,--cleanenv", "--writeable-tmpfs,--writable-tmpfs"
    })
    void mistypedOptionIsAnsweredWithTheNearest(String option, String meant) {
        assertThat(UnknownOption.of(option).hint()).contains("did you mean " + meant + "?");
    }
}
