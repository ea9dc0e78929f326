# Starts a command that outlives its connection, once: $1 token, $2 key, $3 deployment, $4 epoch,
# $5 length of its input, $6 directory ('' is the home), $7 the session program, then the command.
# Standard input: the environment as for a plain command, then the input.
refuse() { printf '%s refused %s\n' "$token" "$*"; exit 0; }
# Gives the directory up, unless another request did: then the name may be a later one's.
abandon() { claim && cd "$effects" && rm -rf "./$key"; }
token=$1 key=$2 deployment=$3 epoch=$4 length=$5 directory=$6 session=$7 home=$PWD
shift 7
command -v setsid >/dev/null 2>&1 || refuse "setsid: not found"
[ -z "$directory" ] || home=$(cd -- "$directory" >/dev/null 2>&1 && pwd) || {
  printf '%s directory\n' "$token"
  exit 0
}
cd "$effects" 2>/dev/null || {
  why=$(mkdir -p "$effects" 2>&1) || refuse "$why"
  cd "$effects" || refuse "cannot enter $effects"
}
raise "$deployment" "$epoch" || refuse "$effects: cannot write"
# The fence: whoever makes the directory starts the command. Its mode keeps all that is in it private.
why=$(mkdir -m 700 "./$key" 2>&1) || {
  [ -d "./$key" ] || refuse "$why"
  printf '%s exists\n' "$token"
  exit 0
}
# Gone at once: another request has given it up.
cd "./$key" 2>/dev/null || { printf '%s exists\n' "$token"; exit 0; }
# Input that ends early belongs to a connection that was lost: nothing has started, nothing stays.
while IFS= read -r line || { abandon; exit 96; }; do
  [ -n "$line" ] || break
  printf '%s\n' "$line" >>env || { abandon; refuse "$effects: cannot write"; }
done
input=/dev/null
if [ "$length" != 0 ]; then
  input=stdin
  why=$(cat 2>&1 >stdin) || { abandon; refuse "$why"; }
  [ "$(wc -c <stdin)" -eq "$length" ] || { abandon; exit 96; }
fi
# This request may come from a server that lost the deployment and was frozen in between, or over a
# connection that its server has given up: it can be late by any time, also later than the end of the
# command and the removal of its directory. Whoever starts the command in its place has first left an epoch
# or voided the token, and makes the directory after that; here the directory comes first and the look
# second. So either the other one found this directory: then it removes it unclaimed, in which case the
# claim fails below, or it follows what is started here. Or this directory was made after the other's was
# removed: then the look finds what was left. Nothing that this server says or keeps to itself between the
# two changes that.
! fenced "$deployment" "$epoch" || {
  abandon
  printf '%s fenced\n' "$token"
  exit 0
}
[ ! -e "$effects/void-$token" ] || { abandon; exit 96; }
# What the command says passes through a process for each stream, which notes itself: who follows it over
# another connection ends them. A server that is frozen, or a connection that stands still, takes nothing any
# more, and the command would wait for it.
relay() {
  if [ -r /proc/self/stat ] && IFS= read -r _s </proc/self/stat; then
    _file=$1 _pid=${_s%% *}
    set -- ${_s##*) }
    echo "$_pid ${20}" >"$_file"
  fi
  exec cat
}
# What this shell says of those that are ended is no output of the command.
exec 4>&2 2>/dev/null
{
  setsid sh -c "$session" windlass "$token" "$home" "$@" <"$input" 2>&1 >&3 3>&- 4>&- |
    (relay relay-err) >&4 3>&- 4>&-
} 3>&1 | (relay relay-out) 4>&-
# What was written last is what the command ended with, unless its output went another way.
[ ! -s status ] || [ -e detached ] || { read -r ended <status && exit "$ended"; }
# Another request was first to claim it, and gave it up.
[ -s pid ] || { printf '%s exists\n' "$token"; exit 0; }
# A session that was killed left no status, and what the shell says of it is not the command's.
kill -KILL "$$"
