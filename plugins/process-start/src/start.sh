# Starts instance $NAME of release $LABEL, or finds it running; reports its port and what supervises it.
set -e
cd "$APP"

warn() {
  echo "warning=$*"
}

# hex PORT: as /proc/net/tcp writes it.
hex() {
  printf '%04X' "$1"
}

# free_port: one that nothing on this machine uses, and no other instance of the app is to have.
free_port() {
  taken=" $(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
    sed -n 's/^ *[0-9]*: [0-9A-F]*:\([0-9A-F]*\) .*/\1/p' | tr '\n' ' ')"
  for file in run/*.port; do
    reserved=
    read -r reserved 2>/dev/null <"$file" || true
    [ -z "$reserved" ] || taken="$taken$(hex "$reserved") "
  done
  span=$((PORT_MAX - PORT_MIN + 1))
  at=$(($(od -An -N3 -tu4 /dev/urandom) % span))
  tries=0
  while [ "$tries" -lt "$span" ]; do
    port=$((PORT_MIN + (at + tries) % span))
    case $taken in *" $(hex "$port") "*) ;; *) echo "$port"; return ;; esac
    tries=$((tries + 1))
  done
  fail "every port from $PORT_MIN to $PORT_MAX is taken: widen \`ports\`"
}

listens() {
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -q ":$(hex "$1") [0-9A-F]*:0000 0A"
}

# lingers: whether services of this user outlive the login.
lingers() {
  [ -e "/var/lib/systemd/linger/$(id -un)" ] ||
    [ "$(loginctl show-user "$(id -un)" --property=Linger --value 2>/dev/null)" = yes ]
}

# choose_scope: the systemd scope that can keep the app running, or nothing.
choose_scope() {
  [ "$SUPERVISOR" != detached ] || return 0
  if [ "$(id -u)" = 0 ] && [ -d /run/systemd/system ]; then
    echo system
  elif [ "$(id -u)" = 0 ] || ! systemctl_in user show-environment >/dev/null 2>&1; then
    [ "$SUPERVISOR" = auto ] || fail "systemd does not run here for $(id -un): set \`supervisor\` to \"detached\""
  elif lingers; then
    echo user
  elif [ "$SUPERVISOR" = systemd ]; then
    fail "services of $(id -un) would end at logout: run \`sudo loginctl enable-linger $(id -un)\` once on this machine"
  fi
}

export_line() {
  printf 'export %s=%s\n' "$1" "$(quote "$2")"
}

write_environment() {
  for variable in HOME PATH USER LOGNAME LANG; do
    eval "value=\${$variable-}"
    [ -z "$value" ] || export_line "$variable" "$value"
  done
  for variable in $NAMES; do
    eval "value=\$V_$variable"
    export_line "$variable" "$value"
  done
  export_line PORT "$1"
  export_line "$DATA_VARIABLE" "$PWD/data"
}

# What supervises the app runs this. It says who it is, where systemd does not, and becomes the app.
write_start_script() {
  cat <<END
#!/bin/sh
# Starts $NAME. Written by Windlass.
cd $(quote "$PWD") || exit 1
exec >>run/$NAME.log 2>&1
if [ ! -e run/$NAME.unit ]; then
  read -r stat <"/proc/\$\$/stat"
  set -- \${stat##*) }
  echo "\$\$ \${20} \$(cat /proc/sys/kernel/random/boot_id 2>/dev/null || echo none)" >run/$NAME.pid.new
  mv run/$NAME.pid.new run/$NAME.pid
  set --
fi
. ./run/$NAME.env
cd releases/$LABEL || exit 1
exec sh -c $(quote "$COMMAND")
END
}

write_unit() {
  wanted=default.target
  [ "$1" = user ] || wanted=multi-user.target
  cat <<END
[Unit]
Description=$(printf '%s\n' "$DESCRIPTION" | sed 's/%/%%/g') (Windlass)
After=network.target

[Service]
ExecStart=/bin/sh "$(printf '%s\n' "$PWD" | sed 's/%/%%/g')/run/$NAME.sh"
Restart=on-failure
RestartSec=1
TimeoutStopSec=$STOP_SECONDS

[Install]
WantedBy=$wanted
END
}

install_unit() {
  file=$(unit_file "$1" "$UNIT")
  mkdir -p "${file%/*}"
  write_unit "$1" >"$file"
  echo "$1 $UNIT" >"run/$NAME.unit"
  systemctl_in "$1" daemon-reload
  systemctl_in "$1" enable --quiet "$UNIT"
}

tell() {
  echo "port=$(cat "run/$NAME.port")"
  if [ -e "run/$NAME.unit" ]; then
    echo "supervisor=systemd"
    echo "unit=$UNIT"
  else
    echo "supervisor=detached"
  fi
}

if [ -e "run/$NAME.sh" ] && running "$NAME"; then
  tell
  exit
fi

[ -d "releases/$LABEL" ] || fail "$PWD/releases/$LABEL is not there: upload the release first"
mkdir -p run data
# What an attempt before this one may have left.
remove_instance "$NAME"
scope=$(choose_scope)
if [ -z "$scope" ] && [ "$SUPERVISOR" = auto ]; then
  warn "no systemd for $(id -un) here (a user needs \`loginctl enable-linger\`):" \
    "the app will not start again by itself after a crash or a reboot"
fi
port=$(free_port)
(
  umask 077
  write_environment "$port" >"run/$NAME.env"
)
echo "$port" >"run/$NAME.port"
write_start_script >"run/$NAME.sh"
[ -z "$scope" ] || install_unit "$scope"
start_instance "$NAME"

# Half a second finds the app that cannot start, and lets the first health check find the one that can.
tries=0
while [ "$tries" -lt 10 ] && ! listens "$port"; do
  if ! running "$NAME"; then
    tail -n 20 "run/$NAME.log" >&2
    remove_instance "$NAME"
    exit 70
  fi
  tries=$((tries + 1))
  nap
done
tell
