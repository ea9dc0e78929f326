# Has systemd run /usr/local/bin/caddy with /etc/caddy/Caddyfile, which stays as it is where there is one.
set -e
id caddy >/dev/null 2>&1 ||
    useradd --system --user-group --create-home --home-dir /var/lib/caddy --shell /usr/sbin/nologin caddy
mkdir -p /etc/caddy
if [ ! -e /etc/caddy/Caddyfile ]; then
    printf ':80 {\n\trespond "no app has this name here yet" 404\n}\n' >/etc/caddy/Caddyfile
fi
systemctl daemon-reload
systemctl enable caddy
systemctl restart caddy
