// SPDX-License-Identifier: Apache-2.0
package org.plurality.local.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The values are those that Apptainer 1.4.5 gives for the same {@code %environment}, except {@code A=a\ b}, where it
 * keeps the backslash.
 */
class AssignmentsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '%', quoteCharacter = '~', textBlock = """
            export LD_LIBRARY_PATH=/opt/lib:$LD_LIBRARY_PATH % {LD_LIBRARY_PATH=/opt/lib:}
            X=1; export X                                    % {X=1}
            export X; X=1                                    % {X=1}
            export A=1 B=2                                   % {A=1, B=2}
            export N=4   # comment                           % {N=4}
            export N=4#5                                     % {N=4#5}
            PLAIN=no                                         % {}
            PLAIN=no export A=1                              % {A=1}
            export E=$UNSET/x                                % {E=/x}
            X=1; export Q='single $X'                        % {Q=single $X}
            X=1; export D="dq \\"q\\" $X \\$Y"               % {D=dq "q" 1 $Y}
            export DEF="${FOO:-def}"                         % {DEF=def}
            export DEF="${FOO:-"de f"}"                      % {DEF=de f}
            export DEF=${FOO-}                               % {DEF=}
            X=1; export ALT="${X:+alt}"                      % {ALT=alt}
            : ${X:=5}; export X                              % {X=5}
            export P1=/a P2="$P1/b"                          % {P1=/a, P2=/a/b}
            PATH=/my/bin:$PATH; export PATH                  % {PATH=/my/bin:/bin}
            PATH=/my/bin:$PATH                               % {PATH=/my/bin:/bin}
            export A=x; A+=y                                 % {A=xy}
            A=1 B=$A; export A B                             % {A=1, B=1}
            export A=1; unset A                              % {}
            export A=1; export -n A                          % {}
            export A=1 && export B=2                         % {A=1, B=2}
            export A=a; export A=b                           % {A=b}
            export A=$'x\\ty'                                % {A=x	y}
            export A=a\\ b                                   % {A=a b}
            export A=                                        % {A=}
            export A                                         % {}
            declare -x A=1                                   % {A=1}
            set -a; A=1; set +a; B=2                         % {A=1}
            export A="it's"                                  % {A=it's}
            export A=1 > /dev/null 2>&1                      % {A=1}
            A=1 ls; export A                                 % {}
            export A=1; exit 0; export B=2                   % {A=1}
            if [ -z "$A" ]; then ls; fi; export B=2          % {B=2}
            case "$A" in x) ls ;; esac; export B=2           % {B=2}
            f() { ls; }; export B=2                          % {B=2}
            ls || true; export B=2                           % {B=2}
            export U="${X}é"                                 % {U=é}
            """)
    void plainAssignmentsHaveTheValuesThatAShellGivesThem(String script, String expected) {
        Assignments read = read(script);
        assertThat(read.exported().toString()).as(script).isEqualTo(expected);
        assertThat(read.leftOut()).as(script).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '%', quoteCharacter = '~', textBlock = """
            export A=$(id)                        % {}          % A, whose value is the output of a command
            export A=`id`                         % {}          % A, whose value is the output of a command
            export A=$((1+2))                     % {}          % A, whose value is the output of a command
            A=$(id); export B=$A/x                % {}          % B, whose value depends on A, which is not known
            export A=1; if x; then A=2; fi        % {A=1}       % A in a branch, loop or function: A=2
            [ -n x ] && export A=1                % {}          % A in a branch, loop or function: A=1
            false || export A=1                   % {}          % A in a branch, loop or function: A=1
            for i in 1 2; do export A=$i; done    % {}          % A in a branch, loop or function: A=$i
            f() { export A=1; }                   % {}          % A in a branch, loop or function: A=1
            echo 1 | while read A; do B=$A; done  % {}          % B in a branch, loop or function: B=$A
            . /opt/setup.sh; export A=1           % {A=1}       % '. /opt/setup.sh', which is not run
            eval "$X"                             % {}          % 'eval "$X"', which is not run
            export A=${B#*/}                      % {}          % A, whose value has ${B#*/}, which is not read here
            ( export A=1 )                        % {}          % A in a branch, loop or function: A=1
            export A=$$                           % {}          % A, whose value is known to a running shell only ($$)
            """)
    void whatOnlyARunningShellKnowsIsNamed(String script, String exported, String leftOut) {
        Assignments read = read(script);
        assertThat(read.exported().toString()).as(script).isEqualTo(exported);
        assertThat(read.leftOut()).as(script).contains(leftOut);
    }

    @Test
    void valuesThatReferToWhatNoScriptSetsAreNamed() {
        Assignments read = read("export H=\"$HOME/x\" T=~/t C=$H\nexport A=1");
        assertThat(read.exported().toString()).isEqualTo("{H=/x, T=/t, C=/x, A=1}");
        assertThat(read.incomplete()).isEqualTo(Map.of("H", "HOME", "T", "HOME"));
    }

    @Test
    void hereDocumentsCommentsAndJoinedLinesAreNoAssignments() {
        Assignments read = read("""
                #!/bin/sh
                # export NO=1
                cat <<'END' >&2
                export NO=2
                END
                export YES=1 \\
                  TOO="a
                b"
                """);
        assertThat(read.exported().toString()).isEqualTo("{YES=1, TOO=a\nb}");
    }

    @Test
    void laterScriptsSeeWhatEarlierOnesSet() {
        Assignments read = read("export PATH=\"${PATH:-\"/opt/bin\"}\"\nreturn\nexport NO=1");
        read.read("export PATH=/mpi/bin:$PATH");
        assertThat(read.exported().toString()).isEqualTo("{PATH=/mpi/bin:/opt/bin}");
    }

    @Test
    void hostileScriptsEnd() {
        for (String piece : new String[] {"${A:-", "$(", "\"", "`", "A=${A}${A}${A}\n", "(", "<<E ", "\\", "if "}) {
            Assignments read = read("export A=x\n" + piece.repeat(20_000));
            assertThat(read.leftOut().size()).as(piece).isLessThanOrEqualTo(100);
        }
    }

    private static Assignments read(String script) {
        Assignments assignments = new Assignments(Map.of("PATH", "/bin"));
        assignments.read(script);
        return assignments;
    }
}
