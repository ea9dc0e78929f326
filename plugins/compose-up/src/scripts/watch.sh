# Watches the containers: one that ends, or starts again and again, or is unhealthy, fails. What they write is shown.
state() {
    docker inspect --format '{{.Name}} {{.State.Status}} {{.State.ExitCode}} {{.RestartCount}} {{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}' $1
}
follower=
# The whole group: older `docker` commands end without what they run.
unfollow() {
    [ -z "$follower" ] || kill -TERM "-$follower" 2>/dev/null || kill "$follower" 2>/dev/null
}
quote() { # container, what it did
    unfollow
    printf 'the container %s %s\n' "${1#/}" "$2" >&2
    docker logs --tail 20 "${1#/}" >&2 2>&1
    exit 88
}
all=$(ids)
[ -n "$all" ] || exit 89
trap 'unfollow; exit 143' HUP INT TERM
setsid docker compose -p "$W_PROJECT" logs --follow --no-color --since "$W_SINCE" 2>/dev/null &
follower=$!
first=$(state "$all") || { unfollow; exit 88; }
now=$(date +%s)
settled=$((now + W_SETTLE))
given_up=$((now + W_WAIT))
while :; do
    seen=$(state "$all") || { unfollow; exit 88; }
    now=$(date +%s)
    starting=
    while read -r name status code restarts health; do
        before=$(printf '%s\n' "$first" | while read -r other _ _ count _; do [ "$other" != "$name" ] || echo "$count"; done)
        case $status in
            exited | dead) [ "$code" = 0 ] || quote "$name" "ended right after its start with status $code" ;;
            restarting) quote "$name" "ends and is started again and again, with status $code" ;;
        esac
        [ "$restarts" = "$before" ] || quote "$name" "ended right after its start, and was started again"
        case $health in
            unhealthy) quote "$name" "is unhealthy: its own health check says so" ;;
            starting) starting=$name ;;
        esac
    done <<X
$seen
X
    if [ "$now" -ge "$settled" ]; then
        [ -n "$starting" ] || break
        [ "$now" -lt "$given_up" ] || quote "$starting" "did not become healthy within $W_WAIT s: its own health check says so"
    fi
    sleep 0.3 2>/dev/null || sleep 1
done
unfollow
