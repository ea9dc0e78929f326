# When a process was started, in ticks since the boot, so that a number used again by another process
# is not mistaken for it; empty where there is no /proc.
stamp() {
  [ -r "/proc/$1/stat" ] || return 0
  IFS= read -r _s <"/proc/$1/stat" || return 0
  set -- ${_s##*) }
  printf '%s' "${20}"
}
