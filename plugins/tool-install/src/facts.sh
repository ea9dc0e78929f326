# What a machine is and has: lines `key=value`. $TOOL: docker, compose or caddy; $PACKAGES: names, spaces between.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
system=
[ ! -r /etc/os-release ] || system=$(. /etc/os-release && printf %s "$PRETTY_NAME")
printf 'system=%s\narchitecture=%s\nuser=%s\n' "${system:-an unknown system}" "$(uname -m)" "$(id -un)"
if [ "$(id -u)" = 0 ]; then
    echo root=self
elif sudo -n true 2>/dev/null; then
    echo root=sudo
fi
case " $(id -nG) " in *' docker '*) echo docker_group=yes ;; esac
[ ! -d /run/systemd/system ] || echo systemd=yes
[ ! -S /var/run/docker.sock ] || echo engine=yes
case $TOOL in
    docker) version=$(dockerd --version 2>/dev/null) ;;
    compose) version=$(docker compose version --short 2>/dev/null) ;;
    caddy) version=$(caddy version 2>/dev/null) ;;
esac
printf 'version=%s\n' "$(printf '%s\n' "$version" | head -n 1)"
if command -v apt-get >/dev/null 2>&1; then
    echo apt=yes
    for package in $PACKAGES; do
        candidate=$(LC_ALL=C apt-cache policy "$package" 2>/dev/null | sed -n 's/^ *Candidate: //p')
        [ -z "$candidate" ] || printf 'candidate=%s %s\n' "$package" "$candidate"
    done
fi
