# Writes a file in one step: $1 path, $2 length, $3 mode, $4 owner ('' keeps it), $5 1 to make the
# parent directories, $6 a name nobody else uses. Standard input: the contents.
# Statuses: 80 see the message, 81 is a directory, 82 the input was cut.
export LC_ALL=C
temporary=
trap '[ -z "$temporary" ] || rm -f -- "$temporary"' EXIT
trap 'exit 1' HUP INT TERM
[ ! -d "$1" ] || exit 81
directory=$(dirname -- "$1")
[ "$5" = 0 ] || mkdir -p -- "$directory" || exit 80
temporary=$directory/.windlass-$6
umask 077
cat >"$temporary" || exit 80
[ "$(wc -c <"$temporary")" -eq "$2" ] || exit 82
[ -z "$4" ] || chown -- "$4" "$temporary" || exit 80
chmod "$3" "$temporary" || exit 80
mv -f -- "$temporary" "$1" || exit 80
temporary=
