# The first process of an emulated machine: a copy-on-write view of this system, an address, a Docker engine.
# $1: its directory, $2: its name, $3: the last part of its address 10.77.0.x.
set -e
own=$1
ip link set lo up
ip addr add "10.77.0.$3/24" dev eth0
ip link set eth0 up
ip route add default via 10.77.0.1
hostname "$2"

# Its own root directory: what it writes is in memory, but for what its engine keeps.
mount --make-rprivate /
root=/run/root/$2
mkdir -p "$root" "/run/$2/upper" "/run/$2/work"
mount -t overlay overlay -o "lowerdir=/,upperdir=/run/$2/upper,workdir=/run/$2/work" "$root"
for name in dev sys; do mount --rbind "/$name" "$root/$name"; done
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/tmp"
chmod 1777 "$root/tmp"
mount -t tmpfs tmpfs "$root/run"
mkdir -p "$root/run/sshd" "$root/run/lock" "$root/var/lib/docker" "$root$own"
mount --bind "$own/engine" "$root/var/lib/docker"
mount --bind "$own" "$root$own"
cp /etc/hosts "$root/run/hosts"
echo "10.77.0.$3 $2" >>"$root/run/hosts"
mount --bind "$root/run/hosts" "$root/etc/hosts"
mkdir -p "$root/root" "$root/home/deploy" "$root/run/old"
# The engine's own command, whichever others there are here.
[ ! -x /usr/bin/docker ] || rm -f "$root/usr/local/bin/docker"
# Nothing of this machine's own user comes along.
mount -t tmpfs tmpfs "$root/root"
sed -E 's|^root:.*|root:x:0:0::/root:/bin/sh|' /etc/passwd | grep -v '^deploy:' >"$root/run/passwd"
echo 'deploy:*:64242:64242::/home/deploy:/bin/sh' >>"$root/run/passwd"
chown 64242:64242 "$root/home/deploy"
mount --bind "$root/run/passwd" "$root/etc/passwd"
cd "$root"
pivot_root . run/old
umount -l /run/old

cat >/usr/local/bin/start-engine <<X
#!/bin/sh
exec dockerd --data-root /var/lib/docker --exec-root /run/docker --pidfile /run/docker.pid --storage-driver vfs \
    --bip 172.30.$3.1/24 --insecure-registry registry.test:5000 --shutdown-timeout 2 >>"$own/dockerd.log" 2>&1
X
chmod 755 /usr/local/bin/start-engine
start-engine &
touch "$own/up"
# This process is the one that waits for orphans.
while :; do
    sleep infinity &
    wait
done
