export LC_ALL=C GIT_TERMINAL_PROMPT=0 GIT_ALLOW_PROTOCOL=https:http:ssh:file
command -v git >/dev/null 2>&1 || exit 90
GIT_SSH_COMMAND='ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=30'
known=
if [ -n "$KNOWN_HOSTS" ]; then
    known=$(mktemp) || exit
    trap 'rm -f "$known"' EXIT
    trap 'exit 143' TERM INT HUP
    printf '%s\n' "$KNOWN_HOSTS" >"$known"
    GIT_SSH_COMMAND="$GIT_SSH_COMMAND -o UserKnownHostsFile=$known -o GlobalKnownHostsFile=/dev/null"
fi
export GIT_SSH_COMMAND
if [ "$WITH_KEY" != yes ]; then
    (eval "$BODY") </dev/null
elif command -v ssh-agent >/dev/null 2>&1; then
    ssh-agent sh -c 'ssh-add -q - || exit 91; eval "$BODY" </dev/null'
else
    exit 92
fi
