# `kill -0 -1234` is the one form that every shell's `kill` takes for a group: BusyBox knows no `--`.
# Ends a process group: TERM, five seconds of grace, KILL. Fails where it cannot be ended.
gone() {
  tenths=0
  while kill -0 "-$1" 2>/dev/null; do
    [ "$tenths" -lt "$2" ] || return 1
    if sleep 0.1 2>/dev/null; then
      tenths=$((tenths + 1))
    else
      sleep 1
      tenths=$((tenths + 10))
    fi
  done
}
end() {
  kill -TERM "-$1" 2>/dev/null
  gone "$1" 50 && return 0
  kill -KILL "-$1" 2>/dev/null
  gone "$1" 20
}
