cd "$W_DIR" || exit 84
if [ "$W_FROM" != "$W_FILE" ]; then
    cp "$W_FROM" "$W_FILE.new" && mv -f "$W_FILE.new" "$W_FILE" || exit 84
fi
over=$W_SERVICE/override.yml
[ ! -e "$W_SERVICE/override.new" ] || mv -f "$W_SERVICE/override.new" "$over" || exit 84
compose "$W_FILE" "$over" up --detach --remove-orphans
