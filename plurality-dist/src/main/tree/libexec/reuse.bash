# Plans that were made on this node before: sourced by the rank that makes a container, who needs no JVM when one of them still holds.
# shellcheck shell=bash disable=SC2154 # its variables are bin/plurality-exec's
#
# RUN/plans/NAME/request   what the plan was made for: request_text's
#                files/    what the planner wrote; @plurality@ in config.json stands for the launch's directory
#                facts     what it was made from (launch.Facts), with copies in facts.d/
#                used      whose time is that of the last launch
#                before/   the files that this script knows by itself, as they were before the planner looked
# A plan is only ever made by a rename and removed whole. libexec/keep-plan writes them.

# All of a file, or nothing; no process for it.
read_whole() { # VARIABLE FILE
  printf -v "$1" ''
  { IFS= read -r -d '' "$1" <"$2"; } 2>/dev/null || true
}

# What every plan depends on. Of mounts, without the numbers that differ between namespaces.
read_before() {
  local lines file
  before=()
  for file in "${XDG_CONFIG_HOME:-${HOME-}/.config}/plurality/plurality.toml" /etc/plurality/plurality.toml /etc/passwd /etc/group; do
    read_whole "before[${#before[@]}]" "$file"
  done
  { mapfile -t lines </proc/self/mountinfo; } 2>/dev/null || return 1
  printf -v "before[${#before[@]}]" '%s\n' "${lines[@]#* * * }"
}

# The request, besides what ranks that share a container have in common: what the planner takes from the environment. Where the site fixes keys, the
# planner is to see all that sets one, though no plan depends on it.
request_text() {
  local name
  # shellcheck disable=SC2154 # name_container's
  request=$prefix$'\x1f'$common$'\x1f'${GROUPS[0]}
  for name in HOME PATH XDG_CONFIG_HOME XDG_CACHE_HOME TZ PMIX_SERVER_TMPDIR; do
    request+=$'\x1f'${!name-unset}
  done
  [[ ${before[1]} == *fixed* ]] || return 0
  for name in PLURALITY_SHARE PLURALITY_PULL PLURALITY_RUN_DIR PLURALITY_LAUNCH_TIMEOUT PLURALITY_DEBUG; do
    request+=$'\x1f'${!name-}
  done
  request+=$'\x1f'${modes[*]-}
}

# Fills the launch's directory with a plan that holds, and takes the lease; false when there is none. A name that config.json would have to
# write in another way is left to the planner.
reuse_plan() {
  # Bytes, not characters.
  local plan text leases='' LC_ALL=C
  read_before || return 1
  request_text
  [[ $dir != *[\"\\[:cntrl:]]* && -d $run/plans ]] || return 1
  set +f
  for plan in "$run"/plans/[!.]*; do
    read_whole text "$plan/request"
    if [[ $text == "$request" ]]; then
      set -f
      if plan_holds "$plan" && adopt "$plan"; then
        reused=$plan
        return 0
      fi
      forget_plan "$plan"
      return 1
    fi
  done
  set -f
  return 1
}

# Whatever was wrong with it: the next launch has a new one.
forget_plan() { # PLAN
  local gone=$run/plans/.gone-$$-$RANDOM
  mv -T -- "$1" "$gone" 2>/dev/null || return 0
  rm -rf -- "$gone" 2>/dev/null || true
}

plan_holds() { # PLAN
  local i name value text other link='' states=() paths=() entry=() end='' mask='' digest='' user=''
  leases=''
  for ((i = 0; i < ${#before[@]}; i++)); do
    read_whole text "$1/before/$i"
    [[ $text == "${before[i]}" ]] || return 1
  done
  while read -r name value; do
    case $name in
      same) entry=("${value%% *}" "${value#* }") && same "$1" "${entry[@]}" || return 1 ;;
      directory) [[ -d $value && ! -L $value ]] || return 1 ;;
      file) [[ -e $value && ! -d $value && ! -L $value ]] || return 1 ;;
      executable) [[ -x $value && -f $value ]] || return 1 ;;
      absent) [[ ! -e $value ]] || return 1 ;;
      nofile) [[ ! -f $value ]] || return 1 ;;
      link) link=$value ;;
      real) [[ $link -ef $value ]] || return 1 ;;
      own) [[ -O $value && -d $value && ! -L $value ]] || return 1 ;;
      state) states+=("${value%% *}") && paths+=("${value#* }") ;;
      leases) leases=$value ;;
      umask) mask=$value ;;
      digest) digest=$value ;;
      user) user=$value ;;
      end) end=1 ;;
      *) return 1 ;;
    esac
  done 2>/dev/null <"$1/facts" || return 1
  [[ -n $end && -n $leases && -n $digest && ${#entry[@]} == 2 ]] || return 1
  if ((${#paths[@]} > 0)); then
    text=$(stat -c '%u:%f' -- "${paths[@]}" 2>/dev/null) || return 1
    printf -v other '%s\n' "${states[@]}"
    [[ $text == "${other%$'\n'}" ]] || return 1
  fi
  # The lease first, then the entry: no expiry comes in between. Its document is the last that was compared.
  take_lease "$leases" "$mask" "$digest" "$user" && same "$1" "${entry[@]}"
}

same() { # PLAN NUMBER PATH
  local now was
  read_whole now "$3"
  read_whole was "$1/facts.d/$2"
  [[ -n $now && $now == "$was" ]]
}

adopt() { # PLAN
  local config
  # By where it writes errors it is known for a dead leader's, should it come to that.
  cp -R -- "$1/files/." "$dir/" 2>"$dir/error" || return 1
  read_whole config "$dir/config.json"
  [[ -n $config ]] || return 1
  printf '%s' "${config//@plurality@/"$dir"}" >"$dir/config.json"
  # For the holder: leases of processes that have ended are its to take away.
  if [[ -n ${SLURM_JOB_ID-}${PBS_JOBID-} ]]; then
    leases=''
  fi
  printf '%s' "$leases" >"$dir/reused"
  { : >"$1/used"; } 2>/dev/null || true
}

# As lease.Leases does: one exclusive create, or nothing where the job has it. False when that is not so simple.
take_lease() { # DIRECTORY UMASK DIGEST USER
  local id whose old file lease status=0
  if [[ -z $2 ]]; then
    # Where users may take none, images are kept by their age only.
    [[ ! -e $1 && ! -w ${1%/*} ]]
    return
  fi
  lease_holder || return 1
  [[ $id =~ ^[A-Za-z0-9_][A-Za-z0-9._-]*$ && ${#id} -le 128 && $whose$4 != *[\\[:cntrl:]]* && $4 != *\"* ]] || return 1
  file=$1/$id.json
  if [[ -e $file ]]; then
    [[ -O $file && -s $file && ! -L $file ]]
    return
  fi
  [[ -w $1 ]] || return 1
  read_umask || return 1
  umask "$2"
  set -C
  { exec {lease}>"$file"; } 2>/dev/null || status=1
  set +C
  if ((status == 0)); then
    printf '{"format":1,"digest":"%s","holder":{%s},"user":"%s","takenAtMillis":%s}\n' "$3" "$whose" "$4" "${EPOCHREALTIME%[.,]*}000" 2>/dev/null >&"$lease" || status=1
    exec {lease}>&-
    # What is not whole would hold the image until lease_max_age. The planner tries again and reports the error.
    ((status == 0)) || rm -f -- "$file"
  fi
  umask "$old"
  return "$status"
}

# Fills id and whose: the scheduler's job, else the process that lives as long as the container.
lease_holder() {
  local host boot namespace='' name value descriptor owner=$$
  if [[ -n ${SLURM_JOB_ID-} ]]; then
    id=slurm-${SLURM_CLUSTER_NAME:+$SLURM_CLUSTER_NAME-}$SLURM_JOB_ID
    whose="\"kind\":\"slurm\",\"jobId\":\"$SLURM_JOB_ID\"${SLURM_CLUSTER_NAME:+,\"cluster\":\"$SLURM_CLUSTER_NAME\"}"
    [[ $id != *\"* ]]
  elif [[ -n ${PBS_JOBID-} ]]; then
    id=pbs-${PBS_JOBID//[!A-Za-z0-9._-]/_}
    whose="\"kind\":\"pbs\",\"jobId\":\"$PBS_JOBID\""
    [[ $PBS_JOBID != *\"* ]]
  else
    [[ $share == none ]] || owner=$holder
    start_of "$owner" || return 1
    read -r host </proc/sys/kernel/hostname && read -r boot </proc/sys/kernel/random/boot_id || return 1
    exec {descriptor}</proc/self/ns/pid
    while read -r name value; do
      [[ $name != ino: ]] || namespace="pid:[$value]"
    done <"/proc/self/fdinfo/$descriptor"
    exec {descriptor}<&-
    [[ -n $namespace ]] || return 1
    id=process-u$UID-$host-${boot::8}-$owner-$started
    whose="\"kind\":\"process\",\"host\":\"$host\",\"bootId\":\"$boot\",\"pid\":$owner,\"startTicks\":$started,\"pidNamespace\":\"$namespace\",\"uid\":$UID"
  fi
}

read_umask() {
  local name
  while read -r name old; do
    [[ $name != Umask: ]] || return 0
  done <"/proc/$$/status"
  return 1
}

# Before the planner looks: should it say that its plan is good for more than this launch, keep-plan compares.
write_before() {
  local i
  [[ -d $dir/before ]] || return 0
  for ((i = 0; i < ${#before[@]}; i++)); do
    printf '%s' "${before[i]}" >"$dir/before/$i"
  done
  printf '%s' "$request" >"$dir/request"
}
