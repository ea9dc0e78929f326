cd "$W_DIR" || exit 84
if [ "$W_FROM" != "$W_FILE" ]; then
    cp "$W_FROM" "$W_FILE.new" && mv -f "$W_FILE.new" "$W_FILE" || exit 84
fi
over=$W_SERVICE/override.yml
if [ -s "$W_SERVICE/override.new" ]; then
    mv -f "$W_SERVICE/override.new" "$over" || exit 84
elif [ -e "$W_SERVICE/override.new" ]; then
    rm -f "$W_SERVICE/override.new" "$over" || exit 84
fi
compose "$W_FILE" "$over" up --detach --remove-orphans
