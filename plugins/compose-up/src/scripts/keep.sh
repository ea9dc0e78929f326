keep() { # file
    for old in "$1".before-*; do [ "$old" = "$1.$kept" ] || rm -f "$old"; done
    [ -e "$1" ] && [ ! -e "$1.$kept" ] || return 0
    cp -p "$1" "$1.$kept.new" && mv -f "$1.$kept.new" "$1.$kept"
}
mkdir -p "$W_DIR/$W_SERVICE" && cd "$W_DIR" && printf '%s\n' "$W_OWNER" >"$W_SERVICE/owner" || exit 84
[ "$W_THERE" != yes ] || { keep "$W_FILE" && keep "$W_SERVICE/override.yml"; } || exit 84
printf 'now=%s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
