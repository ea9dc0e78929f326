cd "$W_DIR" || exit 84
from=$W_FILE
if [ -n "$W_RELEASE" ]; then
    from=
    for name in "$W_FILE" "docker-compose.$W_SERVICE.yml" "docker-compose.$W_SERVICE.yaml" \
        "compose.$W_SERVICE.yml" "compose.$W_SERVICE.yaml" docker-compose.yml docker-compose.yaml compose.yml compose.yaml; do
        if [ -z "$from" ] && [ -f "$W_SERVICE/releases/$W_RELEASE/$name" ]; then
            from=$W_SERVICE/releases/$W_RELEASE/$name
        fi
    done
    [ -n "$from" ] || { ls "$W_SERVICE/releases/$W_RELEASE" | head -n 10 >&2; exit 85; }
fi
[ -f "$from" ] || exit 86
over=$W_SERVICE/override.new
printf '%s' "$W_OVERRIDE" >"$over" || exit 84
compose "$from" "$over" config --quiet || exit 87
printf 'from=%s\n' "$from"
