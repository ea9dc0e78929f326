# Ends the process group $2 of a plain command; $1 token.
printf '%s\n' "$1" >&2
printf '%s started %s\n' "$1" "$$"
end "$2"
