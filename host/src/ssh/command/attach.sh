# Tells what became of a command and goes on with its output: $1 token, $2 key, $3 deployment, $4 epoch,
# $5 and $6 the first byte wanted of each stream, counted from 1, $7 the token of a request to start it
# that went unanswered.
{ raise "$3" "$4" && void "$7"; } 2>/dev/null || { printf '%s refused %s: cannot write\n' "$1" "$effects"; exit 0; }
! fenced "$3" "$4" || { printf '%s fenced\n' "$1"; exit 0; }
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
# From here on it is this request that follows: what went over the first one's connection waits for nobody. Its
# errors first, where the `tee`s complain.
if [ "$state" = running ] && [ ! -e detached ] && [ -s relay-err ] && [ -s relay-out ] && true >detached; then
  for relay in relay-err relay-out; do
    read -r pid born <"$relay"
    stamp "$pid"
    [ -z "$stamp" ] || [ "$stamp" != "$born" ] || kill -KILL "$pid"
  done
fi 2>/dev/null
printf '%s\n' "$1" >&2
printf '%s %s\n' "$1" "$state"
# Output that cannot be read to its end is told by the status of this program.
{ [ ! -f out ] || tail -c "+$5" out; } && { [ ! -f err ] || tail -c "+$6" err >&2; }
