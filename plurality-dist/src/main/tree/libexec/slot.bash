# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the schedulers' `stage` scripts share: how many stage in at once, of one user and of all, as each is a JVM on the controller's host, how
# they give way to the controller, and how often that is asked.
# shellcheck disable=SC2034 # by those scripts
readonly SLOTS=4 PLACES=16

# take_slot 9|3 PREFIX COUNT NUMBER COMMAND...: waits for one of COUNT places, the files PREFIX0 and so on, and has it as long as that descriptor is
# open: a free one, or else one that it waits for by turns, that of the job's number first. Fails when COMMAND, asked every 30 s, says that nobody
# waits any more. A lock that fails, on some filesystems, only costs memory of this host.
take_slot() {
  local number
  for ((number = 0; number < $3; number++)); do
    open_slot "$1" "$2$number"
    if flock --nonblock "$1" || (($? != 1)); then return; fi
  done
  for ((number = $4 % $3; ; number = (number + 1) % $3)); do
    open_slot "$1" "$2$number"
    if flock --wait 30 "$1" || (($? != 1)); then return; fi
    ! "${@:5}" || return 1
  done
}

open_slot() { # DESCRIPTOR FILE
  if (($1 == 9)); then exec 9>"$2"; else exec 3>"$2"; fi
}

# Puts what the file says, without blanks around it, into the variable; fails where nobody can read it. For files that may go at any moment: of one that
# is not there $(<FILE) ends the shell at once with set -e, whatever follows it (bash 5.2).
text_of() { # NAME FILE
  local -n text_of_it=$1
  text_of_it=''
  { read -r -d '' text_of_it <"$2"; } 2>/dev/null || [[ -n $text_of_it || -r $2 ]]
}

# Whether a home directory did not answer a moment ago (FILE is its mark): it is not asked again for a while.
is_silent() { # FILE
  [[ -e $1 && -n $(find "$1" -mmin -10 2>/dev/null) ]]
}

mark_silent() { # FILE
  mkdir -p -- "${1%/*}" && : >"$1"
}

# What the file says, where it says a number.
number_in() { # FILE DEFAULT
  local said=''
  { read -r said <"$1"; } 2>/dev/null || true
  if [[ $said =~ ^[0-9]{1,4}$ ]]; then printf '%d' "$((10#$said))"; else printf '%d' "$2"; fi
}

# give_way NICE: from here on this process and what it starts have the processor when the controller does not want it. As a batch, so that none of them
# takes it from who has just woken up; what is read and written follows the priority by itself. Where Linux weighs sessions against each
# other (sched_autogroup_enabled), the priority counts within one only: this one's, if it is its own, is told, too.
give_way() {
  local stat fields
  { (($1 > 0)) && read -r stat <"/proc/$$/stat"; } 2>/dev/null || return 0
  read -r -a fields <<<"${stat##*) }"
  # Who was started by one that has done so need not.
  if ((${fields[16]-} < $1)); then
    chrt --batch --pid 0 $$ >/dev/null 2>&1 || true
    renice --priority "$1" --pid $$ >/dev/null 2>&1 || true
  fi
  [[ ${fields[3]-} != "$$" ]] || { printf '%d' "$1" >"/proc/$$/autogroup"; } 2>/dev/null || true
}

# nap MOST_MS: sleeps for nap_ms, which the caller has set, and doubles it up to MOST_MS. Who asks for long asks seldom. What never has a byte to
# read is a sleep without a process, which who ends this shell would leave behind.
nap() {
  local thousandths
  printf -v thousandths '%03d' $((nap_ms % 1000))
  read -r -t "$((nap_ms / 1000)).$thousandths" _ <> <(:) || true
  nap_ms=$((nap_ms * 2 < $1 ? nap_ms * 2 : $1))
}
