# Puts a directory in its place: $1 the temporary directory, $2 the place.
export LC_ALL=C
if [ -e "$2" ] || [ -L "$2" ]; then
  # Where mv can exchange, there is no moment without the directory.
  if mv --exchange -T -- "$1" "$2" 2>/dev/null; then
    rm -rf -- "$1"
    exit 0
  fi
  mv -- "$2" "$1.old" || exit 80
  if mv -- "$1" "$2"; then
    rm -rf -- "$1.old"
    exit 0
  fi
  mv -- "$1.old" "$2"
  rm -rf -- "$1"
  exit 80
fi
mv -- "$1" "$2" || exit 80
