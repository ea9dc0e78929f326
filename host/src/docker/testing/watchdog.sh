# A target in namespaces of its own: $1 is its directory; `engine` as $2 runs an engine and two registries.
directory=$1
cp /bin/busybox "$directory/root/bin/" && ln -s busybox "$directory/root/bin/sh"
for command in cat sleep ls; do ln -s busybox "$directory/root/bin/$command"; done
mkdir "$directory/root/tmp" && tar -C "$directory/root" -cf "$directory/busybox.tar" .
running=
if [ "$2" = engine ]; then
    unshare --mount --net --pid --fork --kill-child=KILL --mount-proc sh -c '
        ip link set lo up
        docker-registry serve "$1/registry.yml" &
        docker-registry serve "$1/closed.yml" &
        {
            until docker -H "unix://$1/run/docker.sock" version; do sleep 0.05; done
            until grep -q ":1388 .* 0A " /proc/net/tcp && grep -q ":1389 .* 0A " /proc/net/tcp; do sleep 0.05; done
            touch "$1/ready"
        } >/dev/null 2>&1 &
        exec dockerd -H "unix://$1/run/docker.sock" --data-root "$1/data" --exec-root "$1/exec" \
            --pidfile "$1/dockerd.pid" --storage-driver vfs
    ' engine "$directory" </dev/null &
    running=$!
fi
unshare --mount --pid --fork --kill-child=KILL --mount-proc sh -c '
    mount --bind "$1/run" /run
    mount --bind "$1/passwd" /etc/passwd
    exec /usr/sbin/sshd -D -e -f "$1/sshd_config"
' sshd "$directory" </dev/null &
running="$running $!"
read -r _
kill -KILL $running
wait
rm -rf "$directory"
