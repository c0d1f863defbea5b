package org.plurality.manual;

import java.util.ArrayList;
import java.util.List;
import org.plurality.command.StageIn;
import org.plurality.launch.Option;
import org.plurality.umbrella.Plurality;
import picocli.AutoComplete;

/** Completions for bash, by the name of the command. */
final class Completion {
    private Completion() {}

    static String ofStageIn() {
        return AutoComplete.bash("plurality-stagein", StageIn.commands());
    }

    static String ofPlurality() {
        return AutoComplete.bash("plurality", Plurality.commands());
    }

    /** Options up to the image, then what is staged in; what follows is completed as a command of its own. */
    static String ofExec() {
        List<String> names = new ArrayList<>();
        List<String> withValue = new ArrayList<>();
        for (Option option : Option.values()) {
            names.addAll(option.names());
            if (option.takesValue()) {
                withValue.addAll(option.names());
            }
        }
        return """
                # bash completion of plurality-exec
                _plurality_exec() {
                  local word=${COMP_WORDS[COMP_CWORD]} i
                  COMPREPLY=()
                  for ((i = 1; i < COMP_CWORD; i++)); do
                    case ${COMP_WORDS[i]} in
                      %s) ((i++)) ;;
                      -*) ;;
                      *)
                        ! declare -F _command_offset >/dev/null || _command_offset $((i + 1))
                        return
                        ;;
                    esac
                  done
                  ((i == COMP_CWORD)) || return 0 # a value
                  if [[ $word == -* ]]; then
                    mapfile -t COMPREPLY < <(compgen -W '%s' -- "$word")
                  else
                    mapfile -t COMPREPLY < <(compgen -W "$(plurality-stagein list 2>/dev/null | awk 'NR > 1 { print $1 }')" -- "$word")
                  fi
                }
                complete -o default -F _plurality_exec plurality-exec
                """.formatted(String.join(" | ", withValue), String.join(" ", names));
    }
}
