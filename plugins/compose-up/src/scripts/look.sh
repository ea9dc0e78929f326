command -v docker >/dev/null 2>&1 || exit 81
# Without the plugin some versions of Docker say no more than that they do not know the option.
version=$(docker compose version --short 2>/dev/null) || exit 82
engine=$(docker version --format '{{.Server.Version}}' 2>&1) || { printf '%s\n' "$engine" | tail -n 1 >&2; exit 83; }
printf 'compose=%s\nengine=%s\n' "$version" "$engine"
here=
if cd "$W_DIR" 2>/dev/null; then
    here=$(pwd -P)
    [ ! -e "$W_FILE" ] || echo file=there
    [ ! -r "$W_SERVICE/owner" ] || printf 'owner=%s\n' "$(cat "$W_SERVICE/owner")"
fi
for id in $(ids); do
    docker inspect --format 'image={{.Config.Image}} {{.Image}}' "$id"
    files=$(docker inspect --format '{{index .Config.Labels "com.docker.compose.project.config_files"}}' "$id")
    first=${files%%,*}
    place=$(cd "$(dirname "$first")" 2>/dev/null && pwd -P)/$(basename "$first")
    [ "$place" = "$here/$W_FILE" ] || printf 'elsewhere=%s\n' "$first"
done
