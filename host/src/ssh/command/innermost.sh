# Becomes the command: $1 directory, $2 umask, then the command. The environment may hold secrets: it
# is on the disk only until here.
_w=$(cat env) || exit 126
rm -f env stdin
umask "$2"
cd -- "$1" || exit 126
eval "$_w"
unset _w
shift 2
exec "$@"
