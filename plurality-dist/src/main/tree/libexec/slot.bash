# shellcheck shell=bash
# What the schedulers' `stage` scripts share: how many of one user stage in at once, as each is a JVM on the controller's host, and how often
# a scheduler is asked.
readonly SLOTS=4

# take_slot PREFIX NUMBER COMMAND...: waits for one of SLOTS places, the files PREFIX0 and so on, and has it as long as descriptor 9 is open: a free
# one, or the one of the job's number as soon as that is. Fails when COMMAND, asked every 5 s, says that nobody waits any more.
# A lock that fails, on some filesystems, only costs memory of this host.
take_slot() {
  local number
  for ((number = 0; number < SLOTS; number++)); do
    exec 9>"$1$number"
    if flock --nonblock 9 || (($? != 1)); then return; fi
  done
  exec 9>"$1$(($2 % SLOTS))"
  until flock --wait 5 9 || (($? != 1)); do
    ! "${@:3}" || return 1
  done
}

# nap MOST_MS: sleeps for nap_ms, which the caller has set, and doubles it up to MOST_MS. Who asks for long asks seldom. What never has a byte to
# read is a sleep without a process, which who ends this shell would leave behind.
nap() {
  local thousandths
  printf -v thousandths '%03d' $((nap_ms % 1000))
  read -r -t "$((nap_ms / 1000)).$thousandths" _ <> <(:) || true
  nap_ms=$((nap_ms * 2 < $1 ? nap_ms * 2 : $1))
}
