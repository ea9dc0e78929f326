# Runs a command as it is: $1 token, $2 directory ('' is the home), then the command.
# Its environment comes first on standard input: an export a line, an empty line ends them. A shell's
# `read` takes byte after byte, so that the rest of the input is the command's.
while IFS= read -r _w || exit 96; do
  [ -n "$_w" ] || break
  eval "$_w"
done
unset _w
[ -z "$2" ] || cd -- "$2" >/dev/null 2>&1 || { printf '%s directory\n' "$1"; exit 0; }
# sshd gives each command a process group of its own; sudo does not.
if kill -0 "-$$" 2>/dev/null; then
  printf '%s\n' "$1" >&2
  printf '%s started %s\n' "$1" "$$"
  shift 2
  exec "$@"
fi
exec 3<&0
setsid sh -c 'printf "%s\n" "$1" >&2; printf "%s started %s\n" "$1" "$$"; shift 2; exec "$@"' windlass "$@" <&3 3<&- &
exec 3<&- </dev/null
wait "$!"
