# Starts a command that outlives its connection, once: $1 token, $2 key, $3 length of its input,
# $4 directory ('' is the home), $5 the session program, then the command.
# Standard input: the environment as for a plain command, then the input.
refuse() { printf '%s refused %s\n' "$token" "$*"; exit 0; }
abandon() { cd "$effects" && rm -rf "./$key"; }
token=$1 key=$2 length=$3 directory=$4 session=$5 home=$PWD
shift 5
command -v setsid >/dev/null 2>&1 || refuse "setsid: not found"
[ -z "$directory" ] || home=$(cd -- "$directory" >/dev/null 2>&1 && pwd) || {
  printf '%s directory\n' "$token"
  exit 0
}
cd "$effects" 2>/dev/null || {
  why=$(mkdir -p "$effects" 2>&1) || refuse "$why"
  cd "$effects" || refuse "cannot enter $effects"
}
# The fence: whoever makes the directory starts the command. Its mode keeps all that is in it private.
why=$(mkdir -m 700 "./$key" 2>&1) || {
  [ -d "./$key" ] || refuse "$why"
  printf '%s exists\n' "$token"
  exit 0
}
cd "./$key" || refuse "cannot enter $effects/$key"
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
setsid sh -c "$session" windlass "$token" "$home" "$@" <"$input" &
wait "$!"
ended=$?
# What was written last is what the command ended with.
[ ! -s status ] || { read -r ended <status && exit "$ended"; }
# Another request was first to claim it, and gave it up.
[ "$ended" != 96 ] || { printf '%s exists\n' "$token"; exit 0; }
# A session that was killed left no status, and what the shell says of it is not the command's.
kill -KILL "$$"
