# Tells what became of a command and goes on with its output: $1 token, $2 key, $3 and $4 the first
# byte wanted of each stream, counted from 1.
cd "$effects/$2" 2>/dev/null || { printf '%s absent\n' "$1"; exit 0; }
# Not claimed: it has not started, and now it cannot.
if claim; then
  cd "$effects" && rm -rf "./$2"
  printf '%s absent\n' "$1"
  exit 0
fi
# The state is read before the output, so that what has ended is seen whole.
if [ -s status ]; then
  state="ended $(cat status)"
elif [ ! -s pid ]; then
  state=starting
else
  read -r pid born <pid
  stamp "$pid"
  if kill -0 "$pid" 2>/dev/null && [ "$stamp" = "$born" ]; then
    state=running
  elif [ -s status ]; then
    state="ended $(cat status)"
  else
    state=lost
  fi
fi
printf '%s\n' "$1" >&2
printf '%s %s\n' "$1" "$state"
[ ! -f out ] || tail -c "+$3" out
[ ! -f err ] || tail -c "+$4" err >&2
