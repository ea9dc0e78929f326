# Passes over what `sudo` left of its input: the password, where it did not ask for one, up to the token.
while IFS= read -r _w || exit 96; do
  [ "$_w" != "$1" ] || break
done
