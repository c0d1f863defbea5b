# The part of plurality-exec that makes containers: sourced by the first rank, and by those that wait for it.
# shellcheck shell=bash disable=SC2154 # its variables are bin/plurality-exec's

# shellcheck source=jvm.bash
. "$prefix/libexec/jvm.bash"

# --help, --version and command lines that are not understood: all the planner's.
inform() { # ARGUMENT...
  local status=0
  (become_jvm exec org.plurality.launch.Planner / $$ "$@") || status=$?
  ((status == 0)) || status=125
  exit "$status"
}

# --dry-run: the planner says what it would do; what it makes on the way goes again.
dry_run() {
  local status=0
  prepare_run_directory
  start_of $$
  dir=$run/new-$$.$started
  mkdir -m 700 -- "$dir" || fail "cannot make $dir" "free space on this node, or set PLURALITY_RUN_DIR"
  share=none
  run_planner || status=125
  cat -- "$dir/error" >&2
  rm -rf -- "$dir"
  exit "$status"
}

# Ranks of one node in containers of their own: no rank may open what another's /proc shows, or read its memory.
set_apart() {
  # UCX, below MPICH and Open MPI, would otherwise share memory by /proc/PID/fd and read it, and end the program when it cannot; Open MPI 4.1
  # finds out that it cannot, and hangs in the first large message.
  export UCX_POSIX_USE_PROC_LINK=${UCX_POSIX_USE_PROC_LINK-n} UCX_TLS=${UCX_TLS-^cma,sysv}
  export OMPI_MCA_btl_vader_single_copy_mechanism=${OMPI_MCA_btl_vader_single_copy_mechanism-none}
  if is_first_here; then
    printf "plurality-exec: note: ranks in containers of their own cannot read each other's memory: MPI is slower within a node\n%s\n" \
      "hint: --share node lets the ranks of a node share one container" >&2
  fi
}

prepare_run_directory() {
  if [[ ! -d $run ]]; then
    mkdir -p -- "${run%/*}" 2>/dev/null && mkdir -m 700 -- "$run" 2>/dev/null || [[ -d $run ]] || fail "cannot make $run" \
      "name a directory on this node that you can write to with PLURALITY_RUN_DIR"
  fi
  # A directory that somebody else put there in our name could make us run what they like.
  [[ -O $run && ! -L $run ]] || fail "cannot use $run: it is not yours" \
    "name another directory on this node with PLURALITY_RUN_DIR"
}

# Returns when the plan is there, or there will be none. A planner that has said so still writes what launches to come want to know: its end
# is waited for while nobody else has to.
run_planner() {
  # Where ranks share, the leader may end before the others.
  local owner=$$
  [[ $share == none ]] || owner=$holder
  local from_planner said='' status=0
  exec {from_planner}< <([[ $share == none ]] || export PLURALITY_SHARED=1
    become_jvm exec org.plurality.launch.Planner "$dir" "$owner" ${options[@]+"${options[@]}"} ${modes[@]+"${modes[@]}"} -- ${image:+"$image"} -- \
    ${command[@]+"${command[@]}"} \
    </dev/null 2>"$dir/error")
  planner=$!
  IFS= read -r -u "$from_planner" said || true
  if [[ $said == mount ]]; then
    mount_root || {
      kill -KILL "$planner"
      planner_ends
      cat -- "$dir/mounts.error" >"$dir/error"
      return 125
    }
    said=''
    IFS= read -r -u "$from_planner" said || true
  fi
  if [[ -n ${dry-} ]]; then
    [[ -z $said ]] || printf '%s\n' "$said"
    cat <&"$from_planner"
  fi
  exec {from_planner}<&-
  [[ $said != planned ]] || return 0
  wait "$planner" || status=$?
  planner=''
  return "$status"
}

planner_ends() {
  [[ -z $planner ]] || wait "$planner" || true
  planner=''
}

# What the planner asked for is mounted by a process in namespaces of its own, which ends with this one or when it is told.
mount_root() {
  local mounter nap
  debug "mounting"
  start_mounter
  exec {nap}<> <(:)
  until [[ -s $dir/mounted ]]; do
    if [[ ! -e /proc/$mounter/exe ]]; then
      [[ ! -s $dir/mounted ]] || break
      # Where a user namespace may not mount FUSE, the setuid helper does, and the namespace has a copy.
      [[ ! -e $dir/fused ]] && mount_with_helper || return 1
      start_mounter
    fi
    read -r -t 0.002 -u "$nap" _ || true
  done
  [[ ! -e $dir/fused ]] || fusermount3 -u -z -- "$dir/image"
  exec {nap}<&-
  debug "mounted"
}

start_mounter() {
  exec {to_mounter}> >(exec /usr/bin/unshare --user --map-root-user --mount -- /bin/bash -p "$prefix/libexec/mounter" "$dir" \
    >/dev/null 2>"$dir/mounts.log")
  mounter=$!
}

mount_with_helper() {
  local name value squashfs='' program=''
  while read -r name value; do
    case $name in
      squashfs) squashfs=${squashfs:-$value} ;;
      local) squashfs=$value ;;
      program) program=$value ;;
    esac
  done <"$dir/mounts"
  [[ -n $squashfs && -e $dir/refused ]] && command -v fusermount3 >/dev/null || return 1
  debug "mounting with fusermount3"
  : >"$dir/fused"
  : >"$dir/mounts.error"
  "$program" "$squashfs" "$dir/image" </dev/null >/dev/null 2>"$dir/mounts.log" || {
    printf 'plurality-exec: cannot mount %s: %s\n' "$squashfs" "$(tail -n 1 -- "$dir/mounts.log")"
    printf 'hint: check /dev/fuse on this node, or stage it in as a directory: plurality-stagein pull --format dir\n'
  } >"$dir/mounts.error"
  [[ ! -s $dir/mounts.error ]]
}

# A plan from before, or the planner's.
plan() {
  # shellcheck source=reuse.bash
  . "$prefix/libexec/reuse.bash"
  reused='' before=() request=''
  debug "planning in $dir"
  if ! reuse_plan; then
    plan_anew
  elif [[ ! -f $dir/mounts ]] || mount_root; then
    debug "planned as before, in $reused"
  else
    forget_plan "$reused"
    cat -- "$dir/mounts.error" >"$dir/error"
    return 125
  fi
}

# With --pull missing an image that is not there is staged in first.
plan_anew() {
  local status=0
  write_before
  run_planner || status=$?
  if ((status == 3)) && [[ -n $pull ]]; then
    status=0
    # Those who wait have patience while this is there.
    : >"$dir/staging"
    # It says itself how far it is, and what fails; its result is for scripts that call it.
    stage_in >/dev/null || {
      : >"$dir/error"
      return 125
    }
    rm -f -- "$dir/staging"
    run_planner || status=$?
  fi
  ((status == 0)) || return 125
  [[ ! -s $dir/error ]] || cat -- "$dir/error" >&2
  debug "planned"
}

# Into the cache and for the platform that the options name.
stage_in() {
  local chosen=() i
  for ((i = 0; i < ${#options[@]}; i++)); do
    case ${options[i]} in
      --cache | --platform) chosen+=("${options[i]}" "${options[i + 1]}") ;;
      --cache=* | --platform=*) chosen+=("${options[i]}") ;;
    esac
  done
  "$prefix/bin/plurality-stagein" pull ${chosen[@]+"${chosen[@]}"} "$image"
}

read_runtime() {
  local name value
  while read -r name value; do
    case $name in
      runtime) runtime=$value ;;
      leases) leases=$value ;;
    esac
  done <"$dir/plan"
}

# A job of srun or salloc is over when it ends, which Slurm's epilog on the controller cannot tell of its lease: that of the node lets go of what
# is noted here (libexec/clean-node). A batch job may be queued again.
note_lease() {
  local id='' whose noted=$run/leases/s${SLURM_JOB_ID-} text
  [[ ${SLURM_JOB_ID-} =~ ^[0-9]+$ && ${ENVIRONMENT-} != BATCH && -n $leases ]] && lease_holder || return 0
  read_whole text "$noted"
  [[ $text != *"$leases/$id.json"$'\n'* ]] || return 0
  { [[ -d $run/leases ]] || mkdir -m 700 -- "$run/leases"; } 2>/dev/null
  { printf '%s\n' "$leases/$id.json" >>"$noted"; } 2>/dev/null || true
}

# The rank that makes the directory leads; the others of its step wait for it.
launch() {
  read_patience
  prepare_run_directory
  local first=1 began=$EPOCHSECONDS start=$SECONDS limit
  count_tasks
  if [[ $share == none ]] && ((tasks > 1)); then
    set_apart
  fi
  limit=$((patience_s + tasks / 10))
  while ((SECONDS - start <= limit)); do
    if find_container; then
      join
    elif [[ ! -d $dir ]] && ! yield_to_first && take_lead; then
      lead && join
    elif [[ -f $dir/leader ]]; then
      follow "$first"
    else
      bury_debris "$dir"
    fi
    first=''
  done
  ! is_said || exit 125
  fail "cannot join the container: the rank that makes it was not ready after $limit s" \
    "look at the node's load and at $dir/error there, or set PLURALITY_LAUNCH_TIMEOUT"
}

# How long a container may take to be there, beyond what is staged in or copied for it: a time as all settings have it, but for 0. With none, for ever.
read_patience() {
  local -A seconds=([s]=1 [m]=60 [min]=60 [h]=3600 [d]=86400 [w]=604800)
  [[ $patience != none ]] || patience=9999w
  [[ ${patience:-60s} =~ ^[[:blank:]]*0*([1-9][0-9]{0,8})[[:blank:]]*(s|min|m|h|d|w)[[:blank:]]*$ ]] ||
    fail "cannot wait '$patience': it is no time like 90s or 5min" "check PLURALITY_LAUNCH_TIMEOUT and 'launch_timeout' in plurality.toml"
  patience_s=$((BASH_REMATCH[1] * seconds[${BASH_REMATCH[2]}]))
}

# Of the ranks that waited in vain one says so. What was said before this one began, an earlier command of the same shell heard.
is_said() {
  local when=''
  set -C
  { printf '%d\n' "$EPOCHSECONDS" >"$dir/late"; } 2>/dev/null && when=now
  set +C
  [[ -z $when && -e $dir/late ]] || return 1
  { read -r when <"$dir/late"; } 2>/dev/null || true
  ((${when:-$EPOCHSECONDS} >= began))
}

# A crowd that makes directories to see all but one of them refused takes the processors away from that one: of the ranks of a step that
# share, those that are not the node's first let it go ahead, for a moment. Fails when it does not come, or is this one.
yield_to_first() {
  [[ -n $first && $share != none ]] && ! is_first_here || return 1
  local nap times
  exec {nap}<> <(:)
  for ((times = 0; times < 10; times++)); do
    [[ ! -d $dir ]] || break
    read -r -t 0.005 -u "$nap" _ || true
  done
  exec {nap}<&-
  [[ -d $dir ]]
}

# Which of the node's ranks of its step this is, as far as the launcher says. What mpirun starts by srun has one task's number of Slurm's.
local_rank() { rank=${OMPI_COMM_WORLD_LOCAL_RANK:-${MPI_LOCALRANKID:-${PALS_LOCAL_RANKID:-${SLURM_LOCALID:-}}}}; }

is_first_here() {
  local rank
  local_rank
  [[ ${rank:-0} == 0 ]]
}

# The directory gets its name with the leader's in it, by one rename onto an absent one: nobody ever sees it without a leader.
take_lead() {
  local new
  start_of $$
  new=$run/new-$$.$started
  # One process for all of them.
  mkdir -m 700 -- "$new" "$new/ranks" "$new/before" || fail "cannot make $new" "free space on this node, or set PLURALITY_RUN_DIR"
  started_leading=$started
  printf '%d %s\n' $$ "$started" >"$new/leader"
  : >"$new/ranks/$$"
  [[ -z $long ]] || printf '%s' "$long" >"$new/name"
  mv -T -- "$new" "$dir" 2>/dev/null || {
    rm -rf -- "$new"
    return 1
  }
}

lead() {
  planner=''
  start_holder
  sweep
  plan || {
    give_up
    return 1
  }
  if ! create_container && is_plan_doubtful; then
    # What has changed, the planner can say.
    [[ -z $reused ]] || forget_plan "$reused"
    [[ -f $dir/mounts ]] || { plan_again && create_container; } || true
  fi
  if [[ ! -s $dir/init.pid ]]; then
    give_up
    return 1
  fi
  local init said=''
  { init=$(<"$dir/init.pid"); } 2>/dev/null || true
  planner_ends
  debug "container is $init"
  printf '%s\n' "$init" >&"$to_holder" || true
  [[ -z $init ]] || read -r -t "$patience_s" said <&"$from_holder" || true
  if [[ $said != ready ]]; then
    [[ -z $reused ]] || forget_plan "$reused"
    {
      printf 'plurality-exec: cannot give the ranks their own uid: %s\n' "$(tail -n 1 -- "$dir/holder.log" 2>/dev/null)"
      printf 'hint: check nested user namespaces on this node (sysctl user.max_user_namespaces)\n'
    } 2>/dev/null >"$dir/error"
    give_up
    return 1
  fi
  exec {from_holder}<&- {to_holder}>&-
  [[ -z ${to_mounter-} ]] || exec {to_mounter}>&-
  debug "container is ready"
  find_container || fail "cannot join the container: it ended at once" "see $dir/runc.log on this node"
}

# Whether another plan may do what this one could not. What was mounted below a bound directory since the planner looked makes that bind invalid: it
# would show what the mount covers.
is_plan_doubtful() { [[ -n $reused || $(<"$dir/runc.out") == *mount*nvalid\ argument* ]]; }

plan_again() {
  planner_ends
  read_before || return 1
  set +f
  rm -rf -- "$dir/runc" "$dir/facts" "$dir/reused" "$dir"/underlay-*
  set -f
  reused=''
  plan_anew
}

# Leaves init.pid, or what went wrong in the file error.
create_container() {
  local create leases='' log=$dir/runc.log
  read_runtime
  note_lease
  create=("$runtime")
  unset LISTEN_FDS LISTEN_PID NOTIFY_SOCKET
  debug "runc create"
  if [[ -s $dir/mounted ]]; then
    create=(/usr/bin/nsenter --user --mount --preserve-credentials --target "$(<"$dir/mounted")" -- "$runtime")
  fi
  if [[ ${runtime##*/} == *crun* ]]; then
    # The scheduler's cgroup holds the job; crun would make another. A colon in a log's name means something to it.
    create+=(--cgroup-manager=disabled)
    log=file:$log
  fi
  # The process that it makes stays with --pid, and would hold open what the caller's descriptors lead to.
  (
    close_descriptors
    exec "${create[@]}" --root "$dir/runc" --log "$log" create --bundle "$dir" --pid-file "$dir/init.pid" "node-$$"
  ) </dev/null >"$dir/runc.out" 2>&1 || {
    {
      printf 'plurality-exec: cannot make the container: %s\n' "$(tail -n 1 -- "$dir/runc.out")"
      printf "hint: %s\n" "$(runc_hint)"
    } 2>/dev/null >"$dir/error"
    rm -f -- "$dir/init.pid"
    return 1
  }
}

runc_hint() {
  case $(<"$dir/runc.out") in
    *"hybrid mode"*) printf 'crun needs cgroups of version 2 only, and this node has both: use --runtime runc' ;;
    *"no cgroup mount found"*) printf 'runc wants to see a cgroup mount on this node: mount cgroup2 on /sys/fs/cgroup' ;;
    *"ermission denied"* | *"not permitted"*) printf 'the kernel or a security module refused; look into %s on this node' "$dir/runc.out" ;;
    *) printf 'run it again with --debug; the bundle was %s' "$dir" ;;
  esac
}

# The holder starts while the planner runs, and waits to be told of a container. Its variables are bash's for as long as it lives.
start_holder() {
  local log=$dir/holder.log
  { : >"$log"; } 2>/dev/null || true
  coproc HOLDER { hold 2>>"$log"; } 2>/dev/null
  holder=$HOLDER_PID from_holder=${HOLDER[0]} to_holder=${HOLDER[1]}
}

# In a process that is to hold none of the rank's.
close_descriptors() {
  local descriptor number
  set +f
  for descriptor in /proc/self/fd/*; do
    number=${descriptor##*/}
    if ((number > 2 && number < 255)); then
      eval "exec $number>&-"
    fi
  done
}

hold() {
  close_descriptors
  exec setsid /bin/bash -p "$prefix/libexec/holder" "$dir" "$share"
}

# What went wrong is said once, by the leader; ranks that waited, or are late, end with the same status. Returns when the directory was taken
# away from under it, as what a dead leader left: that is to be tried again.
give_up() {
  local init='' mine='' first rank uptime
  planner_ends
  first="$$ $started_leading"
  { read -r mine <"$dir/leader"; } 2>/dev/null || true
  if [[ $mine != "$first" ]]; then
    exec {from_holder}<&- {to_holder}>&-
    wait "$holder" 2>/dev/null || true
    return 0
  fi
  cat -- "$dir/error" >&2
  { read -r init <"$dir/init.pid"; } 2>/dev/null || true
  [[ -z $init ]] || kill -KILL "$init" 2>/dev/null || true
  if [[ $share == node ]]; then
    local_rank
    [[ -z $rank ]] || : >"$dir/told-$rank"
    read -r uptime _ </proc/uptime
    printf '%d\n' "${uptime%%.*}" >"$dir/failed"
  else
    exec {from_holder}<&- {to_holder}>&-
    wait "$holder" || true
    rm -rf -- "$dir" || true
  fi
  exit 125
}

# Waits until the leader is ready or has failed; returns when it is time to look again. One rank watches; the others sleep until it has
# seen something, for a crowd that looks every few milliseconds would take the processors away from the leader.
follow() { # FIRST
  local first=$1 nap='' gate='' leader='' pause
  while ((SECONDS - start <= limit)) && { read -r leader <"$dir/leader"; } 2>/dev/null; do
    if [[ -f $dir/failed ]]; then
      # It is said already, unless an earlier command of the same shell or rank left it.
      if is_told || [[ -z $first ]]; then
        exit 125
      fi
      bury "$dir" "$leader"
      break
    fi
    # What it stages in or copies to the node takes as long as it takes.
    [[ ! -e $dir/staging ]] || start=$SECONDS
    if find_container; then
      break
    elif [[ -n $end ]] || ! is_running "${leader% *}" "${leader#* }"; then
      # Unless it has failed, and said so, since this looked.
      if [[ ! -f $dir/failed ]]; then
        bury "$dir" "$leader"
        break
      fi
    else
      rest
    fi
    first=''
  done
  [[ -z $nap ]] || exec {nap}<&-
  [[ -z $gate ]] || exec {gate}<&-
}

# Whether this rank hears of a failure for the first time: one that has a number, of a launcher, hears of each just once.
is_told() {
  local rank status=0
  local_rank
  [[ -n $rank ]] || return 1
  set -C
  { : >"$dir/told-$rank"; } 2>/dev/null || status=1
  set +C
  return "$status"
}

# A pause of a rank that follows. The watcher holds the only end for writing of a pipe, which the others read: when it stops watching, or
# dies, all of them wake.
rest() {
  local status=0
  if [[ -n $gate ]]; then
    read -r -t 0.25 -u "$gate" _ || status=$?
    if ((status <= 128)); then
      exec {gate}<&-
      gate=''
    fi
    return 0
  fi
  [[ -n $nap && $pause == 0.005 ]] || ! open_gate || return 0
  if [[ -z $nap ]]; then
    exec {nap}<> <(:)
    start_of $$
    # A second watcher there is not: should the first be gone, they look for themselves, less often.
    pause=0.05
    set -C
    { printf '%d %s %d\n' $$ "$started" "$nap" >"$dir/watcher"; } 2>/dev/null && pause=0.005
    set +C
  fi
  read -r -t "$pause" -u "$nap" _ || true
}

open_gate() {
  local watcher='' ticks='' number=''
  { read -r watcher ticks number <"$dir/watcher"; } 2>/dev/null || return 1
  is_running "$watcher" "$ticks" && [[ -p /proc/$watcher/fd/$number ]] && { exec {gate}<"/proc/$watcher/fd/$number"; } 2>/dev/null
}

# Takes a container's directory away whose makers are gone. Of several ranks that try, the one that makes the grave of this leader
# succeeds; the name may stand for a next leader's directory by then, so it looks again.
bury() { # DIRECTORY LEADER
  local grave=$run/grave-${2/ /.} now=''
  mkdir -m 700 -- "$grave" 2>/dev/null || return 0
  if { read -r now <"$1/leader"; } 2>/dev/null && [[ $now == "$2" ]]; then
    mv -T -- "$1" "$grave/node" 2>/dev/null || true
  fi
  end_container "$grave"
}

# A directory without a leader is none: what a dead leader started has made it again, after it was buried.
bury_debris() { # DIRECTORY
  local grave=$run/grave-debris-$$-$RANDOM seen
  # The very directory that has no leader: by now the name may be that of another, which has.
  { exec {seen}<"$1"; } 2>/dev/null || return 0
  if [[ -e /proc/self/fd/$seen/leader || ! /proc/self/fd/$seen -ef $1 ]]; then
    exec {seen}<&-
    return 0
  fi
  exec {seen}<&-
  mkdir -m 700 -- "$grave"
  mv -T -- "$1" "$grave/node" 2>/dev/null || true
  if [[ -f $grave/node/leader ]]; then
    mv -T -- "$grave/node" "$1" 2>/dev/null || true
  fi
  end_container "$grave"
}

# Ends the container in a grave and removes it, once its ranks have ended: with an underlay the kernel takes away what is mounted on it.
end_container() { # GRAVE
  # shellcheck source=debris.bash
  . "$prefix/libexec/debris.bash"
  ! ranks_live "$1/node" || return 0
  # Again, for what one of them was just starting.
  ! end_processes "$1/node" || ! end_processes "$1/node" || end_processes "$1/node" || true
  # What is still written into it leaves it to the next launch.
  rm -rf -- "$1" 2>/dev/null || true
}

# Removes what killed launches of this user left on this node; for one rank of a step is enough.
sweep() {
  local left pid ticks leader
  set +f
  local all=("$run"/new-* "$run"/node-*) graves=("$run"/grave-*)
  set -f
  for left in "${all[@]}"; do
    [[ -d $left ]] || continue
    case ${left##*/} in
      new-*)
        pid=${left##*/new-}
        ticks=${pid#*.} pid=${pid%%.*}
        is_running "$pid" "$ticks" || rm -rf -- "$left" 2>/dev/null || true
        ;;
      node-*)
        if [[ $left == "${dir-}" ]]; then
          continue
        elif [[ ! -f $left/leader ]]; then
          bury_debris "$left"
        elif is_abandoned "$left" && ! is_news "$left"; then
          bury "$left" "$leader"
        fi
        ;;
    esac
  done
  for left in "${graves[@]}"; do
    [[ ! -d $left ]] || end_container "$left"
  done
}

# Whether a launch failed so lately that ranks of its step may still come, whom nobody else is to tell.
is_news() { # DIRECTORY
  local failed='' uptime told
  { read -r failed <"$1/failed"; } 2>/dev/null && read -r uptime _ </proc/uptime || return 1
  ((${uptime%%.*} - ${failed:-0} < patience_s)) || return 1
  set +f
  told=("$1"/told-*)
  set -f
  [[ -e ${told[0]} ]]
}

# Whether neither the leader nor the keeper of a container lives; fills leader with which one it was.
is_abandoned() { # DIRECTORY
  local name value
  leader=''
  { read -r leader <"$1/leader"; } 2>/dev/null || return 1
  ! is_running "${leader% *}" "${leader#* }" || return 1
  [[ -f $1/ready ]] || return 0
  while read -r name value; do
    if [[ $name == keeper ]] && is_running "${value% *}" "${value#* }"; then
      return 1
    fi
    # What its holder takes away meanwhile is not left by anybody.
  done 2>/dev/null <"$1/ready" || return 1
  return 0
}
