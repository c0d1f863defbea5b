# SPDX-License-Identifier: Apache-2.0
# Removes the files that slurm/install wrote. Sourced by it.
# shellcheck shell=bash disable=SC2154 # etc, lib, state, here, prefix, parts, dry are the caller's

# A part stays while Slurm's files still name it, because the controller or a step would fail without it.
remove_parts() {
  ((${#parts[@]} > 0)) || parts=(burst-buffer job-submit prolog spank oci)
  stays=''
  local part lines
  for part in "${parts[@]}"; do
    lines=$(lines_of "$part")
    if [[ -n $lines ]]; then
      say "$part is kept for now: remove these lines on all nodes, restart slurmctld, then run this again"
      printf '%s\n' "$lines"
      stays=1
    else
      "remove_${part//-/_}"
    fi
  done
  remove_state
  [[ -z $stays || -n $dry ]] || die 'cannot remove all parts: some are in use' 'remove the lines above first'
}

# FILE:NUMBER:LINE of what Slurm reads for a part.
lines_of() { # PART
  case $1 in
    burst-buffer) ! is_ours "$etc/burst_buffer.lua" burst_buffer.lua || in_conf slurm.conf '^[[:blank:]]*BurstBufferType[[:blank:]]*=[[:blank:]]*burst_buffer/lua' ;;
    job-submit)
      if is_ours "$etc/job_submit.lua"; then
        in_conf slurm.conf '^[[:blank:]]*JobSubmitPlugins[[:blank:]]*=.*\blua\b'
      else
        in_conf job_submit.lua '^[[:blank:]]*([^-[:blank:]].*)?(plurality_submit\.lua|plurality_job_(submit|modify))'
      fi
      # If the prolog is installed, this line belongs to it.
      [[ -n $(in_conf slurm.conf "$(script_line Epilog share/slurm/epilog)") ]] || in_conf slurm.conf "$(script_line TaskProlog share/slurm/task_prolog)"
      ;;
    prolog)
      in_conf slurm.conf "$(script_line '(Prolog|Epilog|TaskProlog)' 'share/slurm/(prolog|epilog|task_prolog)')"
      in_conf slurm.conf "$(script_line EpilogSlurmctld plurality_epilog_slurmctld)"
      ;;
    spank) in_conf plugstack.conf '^[^#]*/spank_plurality-' ;;
  esac
}

# Prints the pattern of a line for one of our scripts, wherever the tree is.
script_line() { # KEY PATH
  printf '^[[:blank:]]*%s[[:blank:]]*=.*/%s([[:blank:]]|$)' "$1" "$2"
}

in_conf() { # FILE PATTERN
  [[ ! -e $etc/$1 ]] || grep -HniE -- "$2" "$etc/$1" || true
}

# Removes a file that is unchanged. A file that begins like ours and differs (written by another version, or edited) is
# renamed and kept.
take() { # OURS FILE
  local earlier
  if [[ ! -e $2 ]]; then
    say "$2 does not exist"
  elif ! is_ours "$2" "$1"; then
    say "$2 was not written by Plurality, and is kept"
  elif as_we_write_it "$1" "$2"; then
    say "removing $2"
    [[ -n $dry ]] || rm -- "$2"
  else
    say "moving $2 to $2.before-plurality: it differs from what this version writes"
    if [[ -z $dry ]]; then
      cp -p --backup=numbered -- "$2" "$2.before-plurality"
      rm -- "$2"
    fi
  fi
  for earlier in "$2".before-plurality*; do
    [[ ! -e $earlier ]] || say "the earlier file $earlier is kept"
  done
}

as_we_write_it() { # OURS FILE
  local buffer
  # shellcheck disable=SC2034 # filled reads it
  for buffer in yes no; do [[ $(<"$2") != "$(filled "$1")" ]] || return 0; done
  return 1
}

remove_burst_buffer() {
  take burst_buffer.lua "$etc/burst_buffer.lua"
  take burst_buffer.conf "$etc/burst_buffer.conf"
}

remove_job_submit() {
  take job_submit.lua "$etc/job_submit.lua"
  [[ ! -e $etc/plurality_submit.lua ]] || take job_submit.lua "$etc/plurality_submit.lua"
}

remove_prolog() { take epilog_slurmctld "$etc/plurality_epilog_slurmctld"; }

remove_oci() { take oci.conf "$etc/oci.conf"; }

remove_spank() {
  local directory=${lib:-$prefix/lib/slurm} library found=''
  for library in "$directory"/spank_plurality-*.so; do
    [[ -e $library ]] || continue
    found=1
    say "removing $library"
    [[ -n $dry ]] || rm -- "$library"
  done
  [[ -n $found ]] || say "there is no plugin in $directory"
  [[ -n $dry || -n $lib ]] || rmdir -- "$directory" 2>/dev/null || true
}

# The state directory is removed with the last part that uses it.
remove_state() {
  local file rule
  [[ -e $state && -z $stays ]] || return 0
  for file in burst_buffer.lua job_submit.lua plurality_submit.lua; do
    if is_ours "$etc/$file" "${file/plurality/job}" && ! goes "$file"; then return; fi
  done
  [[ ! -e $etc/plurality_epilog_slurmctld ]] || goes plurality_epilog_slurmctld || return 0
  if [[ ! -f $state/conf || ! -f $state/saves ]]; then
    say "$state was not written by Plurality, and is kept"
    return
  fi
  say "removing $state"
  [[ -n $dry ]] || rm -rf -- "$state"
  for rule in /etc/sudoers /etc/sudoers.d/*; do
    ! grep -qs '^[^#]*/libexec/stage-as-user' "$rule" || say "$rule still has the line for stage-as-user: remove it with visudo -f $rule"
  done
}

# Whether a dry run would have removed it.
goes() { # FILE
  [[ -n $dry ]] || return 1
  case $1 in
    burst_buffer.lua) [[ " ${parts[*]} " == *' burst-buffer '* ]] ;;
    plurality_epilog_slurmctld) [[ " ${parts[*]} " == *' prolog '* ]] ;;
    *) [[ " ${parts[*]} " == *' job-submit '* ]] ;;
  esac
}
