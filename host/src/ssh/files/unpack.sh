# Puts an archive in its place: $1 the place, $2 a name nobody else uses, $3 digest, $4 length, $5 tar's
# flags, $6 what becomes of what is there: `replace`, `keep` what the archive has not, `delete` that; $7 owner
# ('' keeps it). What it says and hears:
#   `same`      the place holds the digest; this ends it
#   `send`      then the archive comes on standard input
#   `unpacked`  then `commit` comes, and only then is it moved into place: only the sender knows that
#               nothing was cut
#   `removed N` things that the archive does not have are gone
# Statuses: 80 see the message, 82 cut, 83 the archive is bad or see the message, 84 a directory here, a file there.
export LC_ALL=C
# merge FROM TO: moves all in one directory to where the other has it, each file in one step.
merge() (
  if [ "$mode" = delete ]; then
    for to in "$2"/* "$2"/.[!.]* "$2"/..?*; do
      from=$1/${to##*/}
      if [ -e "$from" ] || [ -L "$from" ]; then continue; fi
      if [ ! -e "$to" ] && [ ! -L "$to" ]; then continue; fi
      rm -rf -- "$to" && echo >>"$temporary.removed" || exit 80
    done
  fi
  for from in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    if [ ! -e "$from" ] && [ ! -L "$from" ]; then continue; fi
    to=$2/${from##*/}
    both=
    if [ -d "$from" ] && [ ! -L "$from" ]; then both=$both+; fi
    if [ -d "$to" ] && [ ! -L "$to" ]; then both=$both+; fi
    if [ "$both" = ++ ]; then
      merge "$from" "$to" || exit
      continue
    fi
    if [ -n "$both" ] && { [ -e "$to" ] || [ -L "$to" ]; }; then
      [ "$mode" = delete ] || { printf '%s\n' "$to" >&2; exit 84; }
      rm -rf -- "$to" && echo >>"$temporary.removed" || exit 80
    fi
    mv -fT -- "$from" "$to" || exit 80
  done
)
mode=$6
place=$1
if [ "$mode" != replace ] && [ -d "$1" ]; then
  place=$(cd -P -- "$1" && pwd) || exit 80
  shift
  set -- "$place" "$@"
fi
rm -rf -- "$1".tmp-*
held=
[ "$mode" != replace ] || [ ! -r "$1/.windlass-artifact" ] || IFS= read -r held <"$1/.windlass-artifact"
[ "$held" != "$3" ] || { echo same; exit 0; }
temporary=$1.tmp-$2
trap 'rm -rf -- "$temporary" "$temporary.removed"' EXIT
trap 'exit 1' HUP INT TERM
umask 022
mkdir -p -- "$(dirname -- "$1")" || exit 80
mkdir -- "$temporary" || exit 80
echo send
# Without the owners that the archive names: they mean nothing here.
head -c "$4" | tar "$5" - -C "$temporary" || exit 83
[ "$mode" != replace ] || printf '%s\n' "$3" >"$temporary/.windlass-artifact" || exit 80
[ -z "$7" ] || chown -hR -- "$7" "$temporary" || exit 80
echo unpacked
IFS= read -r heard
[ "$heard" = commit ] || exit 82
if [ "$mode" != replace ] && [ -d "$1" ]; then
  true >"$temporary.removed" || exit 80
  merge "$temporary" "$1" || exit
  printf 'removed %s\n' "$(($(wc -l <"$temporary.removed")))"
elif [ -e "$1" ] || [ -L "$1" ]; then
  # Where mv can exchange, there is no moment without the directory.
  mv --exchange -T -- "$temporary" "$1" 2>/dev/null && exit 0
  mv -- "$1" "$temporary.old" || exit 80
  mv -- "$temporary" "$1" || { mv -- "$temporary.old" "$1"; exit 80; }
  rm -rf -- "$temporary.old"
else
  mv -- "$temporary" "$1" || exit 80
fi
