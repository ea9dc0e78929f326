# Ends a command that outlives its connection, or makes sure that it never starts: $1 token, $2 key,
# $3 deployment, $4 epoch, $5 the token of the request to start it.
raise "$3" "$4" && void "$5" || exit 1
# It is another server's command now.
! fenced "$3" "$4" || exit 1
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
