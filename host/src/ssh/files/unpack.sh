# Puts an archive in its place: $1 the place, $2 a name nobody else uses, $3 digest, $4 length, $5 tar's
# flags. What it says and hears:
#   `same`      the place holds the digest; this ends it
#   `send`      then the archive comes on standard input
#   `unpacked`  then `commit` comes, and only then is it moved into place: only the sender knows that
#               nothing was cut
# Statuses: 80 see the message, 82 cut, 83 the archive is bad or see the message.
export LC_ALL=C
rm -rf -- "$1".tmp-*
held=
[ ! -r "$1/.windlass-artifact" ] || IFS= read -r held <"$1/.windlass-artifact"
[ "$held" != "$3" ] || { echo same; exit 0; }
temporary=$1.tmp-$2
trap 'rm -rf -- "$temporary"' EXIT
trap 'exit 1' HUP INT TERM
umask 022
mkdir -p -- "$(dirname -- "$1")" || exit 80
mkdir -- "$temporary" || exit 80
echo send
# Without the owners that the archive names: they mean nothing here.
head -c "$4" | tar "$5" - -C "$temporary" || exit 83
printf '%s\n' "$3" >"$temporary/.windlass-artifact" || exit 80
echo unpacked
IFS= read -r heard
[ "$heard" = commit ] || exit 82
if [ -e "$1" ] || [ -L "$1" ]; then
  # Where mv can exchange, there is no moment without the directory.
  mv --exchange -T -- "$temporary" "$1" 2>/dev/null && exit 0
  mv -- "$1" "$temporary.old" || exit 80
  mv -- "$temporary" "$1" || { mv -- "$temporary.old" "$1"; exit 80; }
  rm -rf -- "$temporary.old"
else
  mv -- "$temporary" "$1" || exit 80
fi
