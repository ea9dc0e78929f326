# Makes the file `claim`, or fails where it is there: either the command starts or someone gives it
# up, never both. By a shell's own means: a process is a millisecond on a small machine.
claim() {
  set -C
  true 2>/dev/null >claim
  _claimed=$?
  set +C
  return "$_claimed"
}
