# Prints a file: $1 path, $2 the most bytes to print. Statuses as for writing.
export LC_ALL=C
[ ! -d "$1" ] || exit 81
head -c "$2" <"$1" || exit 80
