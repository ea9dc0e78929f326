# Functions about instances, for dash, bash and busybox. $APP is the app's directory, where they are used.
#
# An instance NAME is a running copy of a release, described by files in run/:
#   NAME.sh    starts it: what supervises it runs this          NAME.env   its environment, mode 0600
#   NAME.unit  the scope and the name of its systemd unit, or   NAME.port  its port
#   NAME.pid   its process group, when the leader of that       NAME.log   what it wrote
#              started, and in which boot of the machine

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# quote TEXT: as one word for a shell.
quote() {
  printf '%s\n' "$1" | sed "s/'/'\\\\''/g; 1s/^/'/; \$s/\$/'/"
}

nap() {
  sleep 0.05 2>/dev/null || sleep 1
}

boot_id() {
  cat /proc/sys/kernel/random/boot_id 2>/dev/null || echo none
}

# started_at PID: when a process started, in ticks since the boot; nothing where there is none.
started_at() {
  read -r stat 2>/dev/null <"/proc/$1/stat" || return 0
  # The command's name, in parentheses, may hold anything; fields are counted after it.
  # shellcheck disable=SC2086
  set -- ${stat##*) }
  echo "${20}"
}

# group_lives PGID: whether it has a process that is more than a zombie. Where process 1 does not
# collect its children, zombies stay.
group_lives() {
  # Of the ways to name a group, the only one that dash, bash and busybox share.
  kill -0 "-$1" 2>/dev/null || return 1
  group=$1
  for file in /proc/[0-9]*/stat; do
    read -r stat 2>/dev/null <"$file" || continue
    # shellcheck disable=SC2086
    set -- ${stat##*) }
    [ "$3" = "$group" ] && [ "$1" != Z ] && [ "$1" != X ] && return 0
  done
  return 1
}

# group_of NAME: its process group, if that is still the one that was started.
group_of() {
  read -r pid start boot 2>/dev/null <"run/$1.pid" || return 1
  [ "$boot" = "$(boot_id)" ] || return 1
  now=$(started_at "$pid")
  [ -z "$now" ] || [ "$now" = "$start" ] || return 1
  group_lives "$pid" && echo "$pid"
}

# unit NAME VERB…: systemctl on the instance's unit.
unit() {
  read -r scope unit <"run/$1.unit" || return 1
  shift
  systemctl_in "$scope" "$@" "$unit"
}

systemctl_in() {
  scope=$1
  shift
  XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-/run/user/$(id -u)} systemctl "--$scope" --no-ask-password "$@"
}

unit_file() {
  case $1 in
    system) echo "/etc/systemd/system/$2" ;;
    *) echo "${XDG_CONFIG_HOME:-$HOME/.config}/systemd/user/$2" ;;
  esac
}

running() {
  if [ -e "run/$1.unit" ]; then
    case $(unit "$1" is-active) in active | activating | reloading | deactivating) ;; *) return 1 ;; esac
  else
    group_of "$1" >/dev/null
  fi
}

# start_instance NAME: starts what its files describe.
start_instance() {
  if [ -e "run/$1.unit" ]; then
    unit "$1" start
    return
  fi
  rm -f "run/$1.pid"
  # Nothing of this script's environment is the app's: that is in NAME.env.
  env -i PATH="$PATH" setsid sh "run/$1.sh" </dev/null >/dev/null 2>&1 &
  tries=0
  # The script writes the file before it becomes the app.
  until [ -e "run/$1.pid" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || fail "run/$1.sh did not start within 5 s"
    nap
  done
}

# await_end PGID SECONDS: whether the group ended in that time.
await_end() {
  deadline=$(($(date +%s) + $2))
  while group_lives "$1"; do
    [ "$(date +%s)" -le "$deadline" ] || return 1
    nap
  done
}

# stop_instance NAME SECONDS: TERM, and KILL to what is left when the time is up.
stop_instance() {
  if [ -e "run/$1.unit" ]; then
    unit "$1" stop
    return
  fi
  pgid=$(group_of "$1") || return 0
  kill -TERM "-$pgid" 2>/dev/null
  await_end "$pgid" "$2" && return
  echo "killed=$1"
  kill -KILL "-$pgid" 2>/dev/null
  await_end "$pgid" 10 || fail "process group $pgid does not end, not even by SIGKILL"
}

# remove_instance NAME: all of its files but the log.
remove_instance() {
  if read -r scope unit 2>/dev/null <"run/$1.unit"; then
    systemctl_in "$scope" disable --quiet "$unit" 2>/dev/null
    rm -f "$(unit_file "$scope" "$unit")"
    systemctl_in "$scope" daemon-reload
  fi
  rm -f "run/$1.unit" "run/$1.pid" "run/$1.port" "run/$1.env" "run/$1.sh"
}

# instances: the names of all that there are, running or not.
instances() {
  for file in run/*.sh; do
    [ -e "$file" ] || continue
    file=${file#run/}
    echo "${file%.sh}"
  done
}
