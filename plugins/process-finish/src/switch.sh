# Points `current` at release $LABEL; whoever looks sees the old release or the new one.
cd "$APP" || exit 1
if [ -e current ] && [ ! -L current ]; then
  fail "$PWD/current is not a link: move it away"
fi
link=current.$$
rm -f "$link"
ln -s "releases/$LABEL" "$link" || exit 1
# Where `mv` has no -T, the link is replaced in two steps.
mv -T "$link" current 2>/dev/null || {
  rm -f "$link"
  ln -sfn "releases/$LABEL" current
}
