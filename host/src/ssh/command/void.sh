# Makes sure that a request to start a command starts nothing when it arrives after all, even after the
# command has been forgotten: $1 is the request's token, '' for none.
void() {
  [ -n "$1" ] && [ ! -e "$effects/void-$1" ] || return 0
  [ -d "$effects" ] || mkdir -p "$effects" || return 1
  true >"$effects/void-$1"
}
