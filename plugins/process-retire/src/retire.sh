# Stops every instance but $NAME, and removes releases beyond the newest $KEEP; never $LABEL, never $PREVIOUS.
cd "$APP" || exit 1

for name in $(instances); do
  [ "$name" != "$NAME" ] || continue
  if running "$name"; then
    stop_instance "$name" "$STOP_SECONDS"
    echo "stopped=$name"
  fi
  remove_instance "$name"
done

# Labels are timestamps: their order is that of time.
newest=0
for label in $(cd releases && printf '%s\n' * | sort -r); do
  newest=$((newest + 1))
  [ "$newest" -gt "$KEEP" ] || continue
  case $label in "$LABEL" | "$PREVIOUS") continue ;; esac
  rm -rf "releases/$label" && echo "removed=$label"
done

# As many logs stay; the app's own is among the newest, since it writes to it or has just begun it.
newest=0
for log in $(cd run && ls -1t -- *.log 2>/dev/null); do
  newest=$((newest + 1))
  [ "$newest" -le "$KEEP" ] || [ "$log" = "$NAME.log" ] || rm -f "run/$log"
done
exit 0
