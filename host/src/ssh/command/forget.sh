# Removes the records of commands whose ends are known: $1 token, then their keys; and what was left
# by a server that never came back.
printf '%s\n' "$1" >&2
printf '%s started %s\n' "$1" "$$"
shift
cd "$effects" 2>/dev/null || exit 0
for key; do rm -rf "./$key"; done
find . -mindepth 1 -maxdepth 1 -mtime +30 -exec rm -rf {} + 2>/dev/null
exit 0
