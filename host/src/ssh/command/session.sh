# The session of a command that outlives its connection, run in the command's record: $1 token,
# $2 directory, then the command.
claim || exit 96
_token=$1 _home=$2
shift 2
# A handler, unlike an ignored signal, is not inherited: the command can be ended, its record stays.
trap : TERM
stamp "$$"
printf '%s %s\n' "$$" "$stamp" >pid || {
  rm -rf "$PWD"
  exit 96
}
# Whoever asked may be gone: that is no reason not to begin.
trap '' PIPE
printf '%s\n' "$_token" >&2
printf '%s started %s\n' "$_token" "$$" 2>/dev/null
trap - PIPE
{
  trap : TERM
  {
    trap : TERM
    (
      exec 4>&-
      exec 3</dev/null
      [ ! -f env ] || exec 3<env
      # They may hold secrets: they are on the disk only until here.
      [ ! -f env ] && [ ! -f stdin ] || rm -f env stdin
      cd -- "$_home" || exit 126
      while IFS= read -r _w; do eval "$_w"; done <&3
      exec 3<&-
      unset _w
      exec "$@"
    )
    echo "$?" >code
  } 2>&1 >&3 | (trap '' HUP INT PIPE TERM; exec tee err >&4 3>&-)
} 3>&1 4>&2 | (trap '' HUP INT PIPE TERM; exec tee out)
read -r _code <code
echo "$_code" >status
exit "$_code"
