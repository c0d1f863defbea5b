#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a program finds and what becomes of it: the same as without a container.
bats_require_minimum_version 1.5.0
load lib

setup_file() {
  setup_place
  export IMAGE
  IMAGE=$(stage busybox)
  # Of a step, for ranks to follow.
  as_test_user SLURM_JOB_ID=7 SLURM_STEP_ID=0 plurality-exec --share node -B "$CLUSTER/run" "$IMAGE" \
    sh -c "readlink /proc/self/ns/mnt >$CLUSTER/run/container; exec sleep 900" >/dev/null 2>&1 3>&- &
  printf '%d %s\n' $! "$(start_time $!)" >"$CLUSTER/leader"
  wait_for 30 test -s "$CLUSTER/run/container"
}

teardown_file() {
  end_leader
  teardown_place
}

# Unless it has ended, and another process has its number.
end_leader() {
  local pid started
  read -r pid started <"$CLUSTER/leader"
  [[ $(start_time "$pid") != "$started" ]] || pkill -KILL -P "$pid" || kill -KILL "$pid" || true
} 2>/dev/null

# same [OPTION...] SHELL-TEXT: what the text prints, and its status, are as without a container; $RUN stands for nothing, or starts a rank: the
# first of its container, alone in it or not, or one that follows.
same() {
  local text=${*: -1} options=("${@:1:$#-1}") way variables
  plain=$(as_test_user RUN= bash -c "$text" 2>&1) && plain+=$'\n'"status 0" || plain+=$'\n'"status $?"
  for way in none node follows; do
    variables=()
    [[ $way != follows ]] || variables=(SLURM_JOB_ID=7 SLURM_STEP_ID=0)
    output=$(as_test_user "${variables[@]}" RUN="plurality-exec --share ${way/follows/node} -B $CLUSTER/run ${options[*]} $IMAGE" bash -c "$text" 2>&1) &&
      output+=$'\n'"status 0" || output+=$'\n'"status $?"
    printf 'plain:\n%s\n%s:\n%s\n' "$plain" "$way" "$output"
    [ "$output" = "$plain" ]
  done
}

@test "limits, hard and soft" {
  # Of the ways that are compared, one does follow.
  run -0 as_test_user SLURM_JOB_ID=7 SLURM_STEP_ID=0 plurality-exec --share node -B "$CLUSTER/run" "$IMAGE" readlink /proc/self/ns/mnt
  [ "$output" = "$(<"$CLUSTER/run/container")" ]
  same 'ulimit -c 1000 -n 123; ulimit -S -s 4096; ulimit -S -u 500; $RUN /bin/busybox cat /proc/self/limits'
  same --pid 'ulimit -c 1000 -n 123; ulimit -S -s 4096; ulimit -S -u 500; $RUN /bin/busybox cat /proc/self/limits'
}

@test "CPU affinity, niceness, umask, cgroups, and the signals that are blocked and ignored" {
  same 'taskset -c 0 nice -n 3 $RUN /bin/busybox grep -E "^(Cpus_allowed|Mems_allowed|Umask|SigBlk|SigIgn|SigCgt)" /proc/self/status'
  same --pid 'taskset -c 0 nice -n 3 $RUN /bin/busybox grep -E "^(Cpus_allowed|Mems_allowed|Umask)" /proc/self/status'
  same 'trap "" USR2; umask 027; $RUN /bin/busybox grep -E "^(Umask|SigBlk|SigIgn|SigCgt)" /proc/self/status'
  same '$RUN /bin/busybox cat /proc/self/cgroup'
  same 'nice -n 5 $RUN /bin/busybox awk "{print \$19}" /proc/self/stat'
}

@test "session and process group are the caller's, and the parent is" {
  same '$RUN /bin/busybox sh -c "set -- \$(cat /proc/self/stat); [ \$4 != 0 ] && cut -d\" \" -f 5-8 /proc/\$\$/stat" | sed "s/$(ps -o pgid= $$ | tr -d " ")/GROUP/; s/$(ps -o sid= $$ | tr -d " ")/SESSION/"'
  same '$RUN /bin/busybox sh -c "echo \$PPID" | sed "s/^$$\$/PARENT/"'
}

@test "descriptors: those that were there, and no other" {
  same 'for d in /proc/self/fd/*; do d=${d##*/}; ((d < 3 || d == 255)) || eval "exec $d>&-" 2>/dev/null; done
    $RUN /bin/busybox sh -c "ls /proc/\$\$/fd"'
  same 'for d in /proc/self/fd/*; do d=${d##*/}; ((d < 3 || d == 255)) || eval "exec $d>&-" 2>/dev/null; done
    exec 3</dev/null 5</dev/zero 17</dev/null 200</dev/null; $RUN /bin/busybox sh -c "ls /proc/\$\$/fd; readlink /proc/\$\$/fd/5"'
  same 'exec <&-; $RUN /bin/busybox sh -c "ls -l /proc/\$\$/fd/0" 2>/dev/null'
}

@test "a core dump is the program's" {
  [[ $(</proc/sys/kernel/core_pattern) == core ]] || skip "cores do not go to files here: $(</proc/sys/kernel/core_pattern)"
  same 'cd '"$CLUSTER/run"'; rm -f core*; ulimit -c unlimited; exec 2>/dev/null; $RUN /bin/busybox sh -c "kill -ABRT \$\$"; ls core* | sed "s/\.[0-9]*\$//"; rm -f core*'
}

@test "STOP and CONT stop and continue the program itself" {
  touch "$CLUSTER/run/stopped" && chmod 666 "$CLUSTER/run/stopped"
  same ': >'"$CLUSTER/run/stopped"'; $RUN /bin/busybox sh -c "echo up; while :; do :; done" >'"$CLUSTER/run/stopped"' & pid=$!
    for i in {1..200}; do [[ $(<'"$CLUSTER/run/stopped"') != up ]] || break; sleep 0.05; done
    state() { local stat; read -r stat <"/proc/$pid/stat"; stat=${stat##*) }; echo "${stat%% *}"; }
    kill -STOP $pid; sleep 0.3; state; kill -CONT $pid; sleep 0.3; state; kill -KILL $pid; wait $pid 2>/dev/null; echo $?'
}

@test "a program that dies of a signal is seen to, by its caller, whichever it was" {
  for signal in HUP INT QUIT TERM KILL SEGV ABRT FPE PIPE USR1; do
    same 'ulimit -c 0; python3 - $RUN /bin/busybox sh -c "kill -'"$signal"' \$\$" <<"CALLER"
import subprocess, sys
print(subprocess.run(sys.argv[1:]).returncode)
CALLER'
  done
}

@test "125, 126, 127 and 128+N are decided as a shell does" {
  printf '#!/no/such/interpreter\n' >"$CLUSTER/run/script" && chmod 755 "$CLUSTER/run/script"
  same "\$RUN $CLUSTER/run/script 2>/dev/null"
  same '$RUN /etc/passwd 2>/dev/null'
  same '$RUN /no/such/command 2>/dev/null'
  same '$RUN / 2>/dev/null'
  same '$RUN /bin/busybox sh -c "exit 255"'
  same --pid '$RUN /bin/busybox sh -c "exit 255"'
  for share in none node; do
    run -125 as_test_user plurality-exec --share "$share" --no-such-option "$IMAGE" true
    run -125 as_test_user PLURALITY_RUNTIME=/bin/false plurality-exec --share "$share" "$IMAGE" true
  done
}

@test "on a terminal the program has it: size, job control, Ctrl-C and Ctrl-Z" {
  for run in '' "plurality-exec --share none $IMAGE" "plurality-exec --share node $IMAGE" "plurality-exec --pid --share none $IMAGE"; do
    as_test_user script -qec "stty rows 33 cols 99; $run /bin/busybox sh -c 'tty >/dev/null && stty size; test -t 1 && echo terminal'" /dev/null </dev/null | tr -d '\r' >"$CLUSTER/run/tty"
    cat "$CLUSTER/run/tty"
    [ "$(<"$CLUSTER/run/tty")" = $'33 99\nterminal' ]
    # An interactive shell outside stops, lists, continues and interrupts it.
    (
      sleep 3
      printf '%s /bin/busybox sh -c "echo up; sleep 60; echo not reached"\n' "$run"
      sleep 3
      printf '\032'
      sleep 1
      printf 'jobs; fg\n'
      sleep 1
      printf '\003'
      sleep 1
      printf 'echo status $?\nexit\n'
      sleep 1
    ) | as_test_user TERM=dumb script -qec 'bash --norc -i' /dev/null >"$CLUSTER/run/tty" 2>&1
    cat -v "$CLUSTER/run/tty"
    grep -q 'Stopped' "$CLUSTER/run/tty"
    grep -q 'status 130' "$CLUSTER/run/tty"
    ! grep -q '^not reached' "$CLUSTER/run/tty"
  done
}

@test "-t asks for a terminal, and is refused where there is none" {
  for share in none node; do
    run -125 as_test_user plurality-exec -t --share "$share" "$IMAGE" true </dev/null
    [[ $output == *'standard input is no terminal'*'srun --pty'* ]]
    run as_test_user script -qec "plurality-exec --tty --share $share $IMAGE sh -c 'test -t 0 && echo terminal'" /dev/null </dev/null
    [[ $output == terminal* ]]
  done
}

@test "supplementary groups give access as they do outside" {
  [[ $EUID == 0 ]] || skip 'needs root, to have a group'
  install -d -m 2770 -g audio "$CLUSTER/run/ours"
  for share in plain none node; do
    run=()
    [[ $share == plain ]] || run=("$TREE/bin/plurality-exec" --share "$share" -B "$CLUSTER/run" "$IMAGE")
    run env PLURALITY_CACHE="$CACHE" PLURALITY_RUN_DIR="$CLUSTER/run/$TEST_USER" HOME=/tmp setpriv --reuid "$TEST_USER" --regid "$(id -g "$TEST_USER")" \
      --groups "$(id -g "$TEST_USER"),$(getent group audio | cut -d: -f3)" "${run[@]}" /bin/busybox touch "$CLUSTER/run/ours/$share"
    echo "$output"
    [ -e "$CLUSTER/run/ours/$share" ]
    [ "$(stat -c %G "$CLUSTER/run/ours/$share")" = audio ]
  done
}

@test "with --pid processes see each other only, signals and statuses come through, and orphans are waited for" {
  end_leader
  for share in none node; do
    run -0 as_test_user plurality-exec --pid --share "$share" "$IMAGE" sh -c '(sleep 0.2 &); sleep 1; ls -d /proc/[0-9]* | wc -l; ! cat /proc/[0-9]*/stat | grep -q ") Z "'
    [ "$output" -lt 8 ]
    run -7 as_test_user plurality-exec --pid --share "$share" "$IMAGE" sh -c 'exit 7'
    run -139 as_test_user plurality-exec --pid --share "$share" "$IMAGE" sh -c 'kill -SEGV $$'
    run -127 as_test_user plurality-exec --pid --share "$share" "$IMAGE" no-such-command
    rm -f "$CLUSTER/run/up"
    run -9 as_test_user bash -c "plurality-exec --pid --share $share -B $CLUSTER/run $IMAGE sh -c 'trap \"echo got; exit 9\" TERM; touch $CLUSTER/run/up; while :; do sleep 0.1; done' &
      until [[ -e $CLUSTER/run/up ]] || ! kill -0 \$!; do sleep 0.05; done; kill -TERM \$!; wait \$!"
    [ "$output" = got ]
    run -130 as_test_user timeout --signal=INT 3 bash -c "exec plurality-exec --pid --share $share $IMAGE sleep 60" || [ "$status" -eq 124 ]
  done
  wait_for 10 clean
}

# caught PLACE SIGNAL WHOM COMMAND...: signals a command (WHOM is empty) or all of its process group (WHOM is -) once it has made PLACE and had a second;
# says how it ended.
caught() {
  local place=$1 signal=$2 whom=$3
  shift 3
  as_test_user bash -c 'setsid env --default-signal=INT,QUIT "${@:4}" &
    until [[ -e $1 ]] || ! kill -0 $!; do sleep 0.05; done; sleep 1.2; kill -"$2" -- "$3$!"; touch "$1.sent"; wait $!; echo "status $?"' - "$place" "$signal" "$whom" "$@"
}

@test "with --pid a signal that the program catches reaches it once, whether sent to its rank or to all processes, and ends nothing" {
  local share signal whom program place places=() pids=()
  for share in none node; do
    for signal in INT TERM USR1 34; do
      for whom in '' -; do
        place=$CLUSTER/run/caught-$share-$signal$whom
        places+=("$place")
        program="n=0; trap 'n=\$((n + 1))' $signal; touch $place; until [ -e $place.sent ]; do sleep 0.1; done; for i in 1 2 3 4 5; do sleep 0.1; done; exit 4\$n"
        caught "$place" "$signal" "$whom" plurality-exec --pid --share "$share" -B "$CLUSTER/run" "$IMAGE" sh -c "$program" >"$place.out" 2>&1 3>&- &
        pids+=($!)
      done
    done
    wait "${pids[@]}"
  done
  for place in "${places[@]}"; do
    echo "$place: $(<"$place.out")"
    [ "$(tail -n 1 "$place.out")" = 'status 41' ]
  done
}

clean_after_a_launch() { as_test_user plurality-exec "$IMAGE" true && wait_for 2 clean; }

@test "an interrupt ends a launch at any moment of it, and the program, which its caller sees" {
  local option
  for option in '' --pid; do
    for whom in '' -; do
      run as_test_user bash -c 'for i in {1..12}; do setsid env --default-signal=INT,QUIT plurality-exec $1 "$3" sleep 60 &
        while { read -r name </proc/$!/comm; } 2>/dev/null && [[ $name != plurality-exec && $name != sleep ]]; do :; done
        sleep 0.$((RANDOM % 2))$((RANDOM % 10)); kill -INT -- "$2$!"; wait $!; echo $?; done' - "$option" "$whom" "$IMAGE"
      echo "$option to $whom: $output"
      [ "$(sort -u <<<"$output")" = 130 ]
    done
  done
  # What they were preparing goes with the next one.
  end_leader
  wait_for 60 clean_after_a_launch
}

@test "ranks with --pid share one process namespace" {
  install -d -o "$TEST_USER" "$CLUSTER/run/two"
  run -0 as_test_user bash -c "for i in 1 2; do
      plurality-exec --pid --share node -B $CLUSTER/run $IMAGE sh -c 'readlink /proc/self/ns/pid; $(gather "$CLUSTER/run/two" 2)' &
    done; wait"
  [ "$(sort -u <<<"$output" | wc -l)" -eq 1 ]
  [ "$output" != "$(readlink /proc/self/ns/pid)" ]
}

@test "crun runs images as runc does, where cgroups are version 2 only" {
  [[ $EUID == 0 ]] || skip 'needs root, for a view with cgroups of version 2 only'
  command -v crun || skip 'there is no crun'
  squash "$IMAGE" "$CLUSTER/caches/squashed"
  for share in none node; do
    for cache in "$CACHE" "$CLUSTER/caches/squashed"; do
      for option in --debug --pid --writable-tmpfs; do
        run -0 --separate-stderr unshare -m bash -c "! mountpoint -q /sys/fs/cgroup/unified || mount --bind /sys/fs/cgroup/unified /sys/fs/cgroup
          . $REPO/tests/lib.bash; as_test_user PLURALITY_CACHE=$cache plurality-exec --runtime crun --share $share $option $IMAGE sh -c 'id -u; grep CapEff /proc/self/status'"
        echo "$share $cache $option: $output $stderr"
        [ "$output" = "$(id -u "$TEST_USER")"$'\nCapEff:\t0000000000000000' ]
      done
    done
  done
}
