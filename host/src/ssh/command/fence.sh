# Of two servers that hold a deployment the one with the higher epoch came later. A directory has a file
# for each epoch above 1 that has come: files and not one number, so that no writer undoes another's, and
# so that looking takes no process. $1 is the deployment, '' for none; $2 the epoch.
raise() {
  [ -n "$1" ] && [ "$2" -gt 1 ] && [ ! -e "$effects/fence-$1/$2" ] || return 0
  mkdir -p "$effects/fence-$1" && true >"$effects/fence-$1/$2"
}
# Whether a later server has come.
fenced() {
  for _f in "$effects/fence-$1"/*; do
    _f=${_f##*/}
    case $_f in
    *[!0-9]*) ;;
    *) [ "$_f" -le "$2" ] || return 0 ;;
    esac
  done
  return 1
}
