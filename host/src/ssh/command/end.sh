# Ends a process group: TERM, five seconds of grace, KILL.
end() {
  kill -s TERM -- "-$1" 2>/dev/null || return 0
  tenths=0
  while kill -s 0 -- "-$1" 2>/dev/null; do
    [ "$tenths" -lt 50 ] || break
    if sleep 0.1 2>/dev/null; then
      tenths=$((tenths + 1))
    else
      sleep 1
      tenths=$((tenths + 10))
    fi
  done
  kill -s KILL -- "-$1" 2>/dev/null
  return 0
}
