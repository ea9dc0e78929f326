cd "$APP" 2>/dev/null || exit 0
stop_instance "$NAME" "$STOP_SECONDS"
remove_instance "$NAME"
