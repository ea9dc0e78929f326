# Waits for a program on standard input, line by line up to the line $1, and becomes it. A shell's
# `read` takes byte after byte, so that what follows is the program's input.
_program=
printf '%s\n' "$1"
while IFS= read -r _line || exit 96; do
  [ "$_line" != "$1" ] || break
  _program=$_program$_line'
'
done
eval "$_program"
