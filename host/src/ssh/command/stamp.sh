# Sets `stamp` to when a process was started, in ticks since the boot, so that a number used again by
# another process is not mistaken for it; empty where there is no /proc.
stamp() {
  stamp=
  [ -r "/proc/$1/stat" ] || return 0
  IFS= read -r _s <"/proc/$1/stat" || return 0
  set -- ${_s##*) }
  stamp=${20}
}
