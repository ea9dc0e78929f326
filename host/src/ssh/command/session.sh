# The session of a command that outlives its connection, run in its own directory: $1 token,
# $2 innermost program, $3 directory, $4 umask, then the command.
# Either this or someone who gives the command up makes `claim`, never both.
mkdir claim 2>/dev/null || exit 96
token=$1 command=$2
shift 2
# A handler, unlike an ignored signal, is not inherited: the command can be ended, its record stays.
trap : TERM
printf '%s %s\n' "$$" "$(stamp "$$")" >pid.new && mv pid.new pid || {
  rm -rf "$(pwd)"
  exit 96
}
printf '%s\n' "$token" >&2
printf '%s started %s\n' "$token" "$$"
{
  trap : TERM
  {
    trap : TERM
    sh -c "$command" windlass "$@" 3>&- 4>&-
    echo "$?" >code
  } 2>&1 >&3 | (trap '' HUP INT PIPE TERM; exec tee err >&4 3>&-)
} 3>&1 4>&2 | (trap '' HUP INT PIPE TERM; exec tee out)
mv code status
exit "$(cat status)"
