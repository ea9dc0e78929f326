# Where the service is: $W_DIR/$W_FILE, its own directory $W_DIR/$W_SERVICE, its variables in $W_ENV_FILE.
case $W_ENV_FILE in /*) ;; *) W_ENV_FILE=$PWD/$W_ENV_FILE ;; esac
# What the connection's own environment has would win over the file.
for name in $W_NAMES; do
    case $name in PATH | HOME) ;; *) unset "$name" ;; esac
done
kept=before-$W_NUMBER
compose() { # compose file, override file, arguments…
    main=$1 over=$2
    shift 2
    [ ! -s "$over" ] || set -- -f "$over" "$@"
    set -- -f "$main" "$@"
    [ ! -f "$W_ENV_FILE" ] || set -- --env-file "$W_ENV_FILE" "$@"
    [ ! -f .env ] || set -- --env-file .env "$@"
    docker compose --ansi never -p "$W_PROJECT" --project-directory . "$@"
}
ids() {
    docker ps --all --quiet --no-trunc --filter "label=com.docker.compose.project=$W_PROJECT" \
        --filter label=com.docker.compose.oneoff=False
}
