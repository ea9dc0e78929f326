# Runs a world of emulated machines in namespaces of their own, until standard input ends; then nothing of it is left.
# $1: the directory of all their files; $2: the directory of these scripts' copies; $3…: the machines' names.
directory=$1
unshare --mount --net --pid --uts --fork --kill-child=KILL --mount-proc sh "$2/world.sh" "$@" </dev/null &
running=$!
until child=$(pgrep -P "$running"); do
    kill -0 "$running" || break
    sleep 0.01
done
echo "$child" >"$directory/world.pid"
read -r _
kill -KILL "$running"
wait
# A process that is killed may hold its last files for a moment.
until rm -rf "$directory" 2>/dev/null; do sleep 0.1; done
