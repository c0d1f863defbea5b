// SPDX-License-Identifier: Apache-2.0
package org.plurality.manual;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.plurality.cli.StageIn;
import org.plurality.containers.cli.Plurality;
import org.plurality.launch.Option;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Completions for bash, by the name of the command. */
final class Completion {
    private final Map<String, Branch> branches = new TreeMap<>();

    /**
     * The words that can follow some words.
     *
     * @param commands subcommands, if it is a group
     * @param options all of them
     * @param valued those of them that take the next word
     * @param arguments what its arguments are; empty for anything
     */
    private record Branch(List<String> commands, List<String> options, List<String> valued, String arguments) {}

    static String ofStageIn() {
        Completion completion = new Completion();
        completion.add("", "plurality-stagein", StageIn.commands());
        return completion.script("plurality-stagein", "_plurality_stagein");
    }

    static String ofPlurality() {
        Completion completion = new Completion();
        completion.add("stagein", "plurality-stagein", StageIn.commands());
        completion.add("", "plurality", Plurality.commands());
        List<String> commands = new ArrayList<>(completion.root().commands());
        Map<String, CommandLine> stageIn = StageIn.commands().getSubcommands();
        for (ScriptCommands.Passed passed : ScriptCommands.PASSED) {
            completion.add(passed.name(), "plurality-stagein", Objects.requireNonNull(stageIn.get(passed.of())));
            commands.add(passed.name());
        }
        for (ManualPage page : ScriptCommands.pages()) {
            String name = page.name().substring("plurality ".length());
            if (!completion.branches.containsKey(name)) {
                completion.branches.put(name, ofPage(page));
                commands.add(name);
            }
        }
        commands.add("stagein");
        Branch root = completion.root();
        completion.branches.put("", new Branch(commands, root.options(), root.valued(), ""));
        return completion.script("plurality", "_plurality");
    }

    /** Options up to the image, then what is staged in; what follows is completed as a command of its own. */
    static String ofExec() {
        List<String> names = new ArrayList<>();
        List<String> valued = new ArrayList<>();
        for (Option option : Option.values()) {
            names.addAll(option.names());
            if (option.takesValue()) {
                valued.addAll(option.names());
            }
        }
        Completion completion = new Completion();
        completion.branches.put("", new Branch(List.of(), names, valued, "program"));
        return completion.script("plurality-exec", "_plurality_exec");
    }

    /** Returns the kind of a command's arguments: images in the cache, or containers; empty for anything else. */
    private static String arguments(String command) {
        return switch (command) {
            case "plurality-stagein list",
                    "plurality-stagein inspect",
                    "plurality-stagein path",
                    "plurality-stagein rm",
                    "plurality-stagein pin",
                    "plurality-stagein unpin",
                    "plurality-stagein status",
                    "plurality-stagein verify",
                    "plurality-stagein lease add",
                    "plurality create",
                    "plurality spec",
                    "plurality broadcast" -> "images";
            case "plurality run",
                    "plurality exec",
                    "plurality stop",
                    "plurality logs",
                    "plurality delete",
                    "plurality status" -> "containers";
            default -> "";
        };
    }

    private static Branch ofPage(ManualPage page) {
        List<String> names = new ArrayList<>();
        List<String> valued = new ArrayList<>();
        for (ManualPage.Row option : page.options()) {
            String name = option.term().split(" ", 2)[0];
            names.add(name);
            if (option.term().contains(" ")) {
                valued.add(name);
            }
        }
        return new Branch(List.of(), names, valued, arguments(page.name()));
    }

    private void add(String words, String program, CommandLine command) {
        List<String> names = new ArrayList<>();
        List<String> valued = new ArrayList<>();
        for (OptionSpec option : command.getCommandSpec().options()) {
            names.addAll(List.of(option.names()));
            if (option.arity().max() > 0) {
                valued.addAll(List.of(option.names()));
            }
        }
        String name = command.getCommandSpec().qualifiedName();
        String arguments = arguments(name.startsWith(program) ? name : program + " " + name);
        branches.put(words, new Branch(List.copyOf(command.getSubcommands().keySet()), names, valued, arguments));
        command.getSubcommands().forEach((sub, line) -> add(words.isEmpty() ? sub : words + " " + sub, program, line));
    }

    private Branch root() {
        return Objects.requireNonNull(branches.get(""));
    }

    private String script(String program, String function) {
        StringBuilder cases = new StringBuilder();
        branches.forEach((words, branch) -> cases.append("    '")
                .append(words)
                .append("')\n      commands='")
                .append(String.join(" ", branch.commands()))
                .append("' options='")
                .append(String.join(" ", branch.options()))
                .append("'\n      valued='")
                .append(String.join(" ", branch.valued()))
                .append("' arguments='")
                .append(branch.arguments())
                .append("' ;;\n"));
        return SCRIPT.replace("PROGRAM", program)
                .replace("FUNCTION", function)
                .replace("CASES", cases.toString().stripTrailing());
    }

    /** FUNCTION walks the words up to the cursor; FUNCTION_branch says what can follow those that are commands. */
    private static final String SCRIPT = """
            # bash completion of PROGRAM
            FUNCTION_branch() {
              commands='' options='' valued='' arguments=''
              case $1 in
            CASES
                *) return 1 ;;
              esac
            }

            # Names of images as they are recorded, and those of Docker Hub's library also as people write them.
            _plurality_images() {
              plurality-stagein list 2>/dev/null | awk 'NR > 1 && $1 ~ /^[a-z0-9]/ { print $1; if (sub("^docker.io/library/", "", $1)) print $1 }'
            }

            _plurality_containers() { plurality list 2>/dev/null | awk 'NR > 1 { print $1 }'; }

            # Candidates for an option's value; false where names of files are.
            _plurality_values() {
              case $1 in
                --format) echo auto dir squashfs ;;
                --progress) echo auto plain json none ;;
                --share) echo auto node none ;;
                --pull) echo never missing ;;
                --mpi) echo image host ;;
                --errlevel) echo error warning info debug ;;
                --platform) echo linux/amd64 linux/arm64 ;;
                --runtime) echo runc crun ;;
                --image) _plurality_images ;;
                *) return 1 ;;
              esac
            }

            # _plurality_reply WORD CANDIDATES: Readline replaces only what follows the last of its breaks in the word, such as a colon.
            _plurality_reply() {
              local IFS=$' \\t\\n' begin=''
              mapfile -t COMPREPLY < <(compgen -W "$2" -- "$1")
              [[ $COMP_WORDBREAKS != *:* || $1 != *:* ]] || begin=${1%"${1##*:}"}
              COMPREPLY=("${COMPREPLY[@]#"$begin"}")
            }

            # _plurality_command N: the words behind the N-th are a command line of their own, if bash-completion can tell.
            _plurality_command() {
              local passed got='' at
              declare -F _command_offset >/dev/null || return 0
              passed=$(printf '%s' "${words[@]:0:$1+1}")
              for ((at = 0; at < ${#COMP_WORDS[@]}; at++)); do
                got+=${COMP_WORDS[at]}
                ((${#got} < ${#passed})) || break
              done
              _command_offset $((at + 1))
            }

            FUNCTION() {
              local line=${COMP_LINE:0:COMP_POINT} words word path='' option='' commands options valued arguments candidates i
              COMPREPLY=()
              read -ra words <<<"$line"
              [[ $line != *[[:blank:]] ]] || words+=('')
              word=${words[-1]}
              FUNCTION_branch ''
              for ((i = 1; i < ${#words[@]} - 1; i++)); do
                if [[ ${words[i]} == -* ]]; then
                  [[ " $valued " != *" ${words[i]} "* ]] || ((++i < ${#words[@]} - 1)) || option=${words[i - 1]}
                elif [[ -n $commands ]]; then
                  path+=${path:+ }${words[i]}
                  FUNCTION_branch "$path" || return 0
                elif [[ $arguments == program ]]; then
                  _plurality_command "$i"
                  return
                fi
              done
              if [[ -z $option && $word == --*=* ]]; then
                option=${word%%=*} word=${word#*=}
              fi
              if [[ -n $option ]]; then
                ! candidates=$(_plurality_values "$option") || _plurality_reply "$word" "$candidates"
              elif [[ $word == -* ]]; then
                _plurality_reply "$word" "$options"
              elif [[ -n $commands ]]; then
                _plurality_reply "$word" "$commands"
              elif [[ $arguments == @(images|program) ]]; then
                _plurality_reply "$word" "$(_plurality_images)"
              elif [[ $arguments == containers ]]; then
                _plurality_reply "$word" "$(_plurality_containers)"
              fi
            }
            complete -o default -F FUNCTION PROGRAM
            """;
}
