# Ends a command that outlives its connection: $1 token, $2 key.
printf '%s\n' "$1" >&2
printf '%s started %s\n' "$1" "$$"
cd "$effects/$2" 2>/dev/null || exit 0
if claim; then
  cd "$effects" && rm -rf "./$2"
  exit 0
fi
# Claimed a moment ago: its process is about to be noted.
[ -s pid ] || sleep 1
read -r pid born <pid || exit 0
stamp "$pid"
# The number belongs to another process by now.
[ -z "$stamp" ] || [ "$stamp" = "$born" ] || exit 0
end "$pid"
