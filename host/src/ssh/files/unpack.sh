# Unpacks an archive beside its place: $1 the temporary directory, $2 digest, $3 tar's flags.
# Standard input: the archive. It is not moved into place here: only the sender knows that nothing
# was cut. Statuses: 80 see the message, 83 the archive is bad or see the message.
export LC_ALL=C
whole=
trap '[ -n "$whole" ] || rm -rf -- "$1"' EXIT
trap 'exit 1' HUP INT TERM
umask 022
mkdir -p -- "$(dirname -- "$1")" || exit 80
mkdir -- "$1" || exit 80
# Without the owners that the archive names: they mean nothing here.
tar "$3" - -C "$1" || exit 83
cat >/dev/null
printf '%s\n' "$2" >"$1/.windlass-artifact" || exit 80
whole=1
