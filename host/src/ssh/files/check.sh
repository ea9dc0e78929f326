# Says whether a directory holds an artifact, and clears away what earlier tries left: $1 directory,
# $2 digest.
rm -rf -- "$1".tmp-*
held=
[ ! -r "$1/.windlass-artifact" ] || IFS= read -r held <"$1/.windlass-artifact"
[ "$held" = "$2" ] && echo same
exit 0
