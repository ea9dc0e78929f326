# Where the commands that outlive their connection are kept. In the home directory, because it is
# there again after a logout and a reboot, unlike XDG_RUNTIME_DIR; and not in XDG_STATE_HOME, because
# a profile that sets it in one session only would hide a running command from the next.
effects=$HOME/.local/state/windlass/effects
