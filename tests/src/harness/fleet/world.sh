# The first process of a world: the network 10.77.0.0/24, a registry, and its machines. Arguments as of watchdog.sh.
set -e
directory=$1 scripts=$2
shift 2
mount --make-rprivate /
mount -t tmpfs tmpfs /run
mkdir -p /run/sshd /run/root
cp /etc/hosts /run/hosts
printf '10.77.0.1 registry.test git.test\n' >>/run/hosts
mount --bind /run/hosts /etc/hosts
ip link set lo up
ip link add br0 type bridge
ip addr add 10.77.0.1/24 dev br0
ip link set br0 up

printf 'version: 0.1\nstorage:\n  delete:\n    enabled: true\n  filesystem:\n    rootdirectory: %s/registry\nhttp:\n  addr: 10.77.0.1:5000\n' \
    "$directory" >"$directory/registry.yml"
docker-registry serve "$directory/registry.yml" >"$directory/registry.log" 2>&1 &

number=10
for name; do
    number=$((number + 1))
    own=$directory/$name
    mkdir -p "$own/engine"
    ip netns add "$name"
    ip link add "veth-$name" type veth peer name eth0 netns "$name"
    ip link set "veth-$name" master br0 up
    nsenter --net="/run/netns/$name" unshare --mount --pid --uts --fork --kill-child=KILL --mount-proc \
        sh "$scripts/machine.sh" "$own" "$name" "$number" >"$own/log" 2>&1 &
    echo $! >"$own/pid"
done
exec sleep infinity
