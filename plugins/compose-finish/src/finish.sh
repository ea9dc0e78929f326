rm -f "$FILE".before-* "$ENV_FILE".before-* "$DIR"/override.yml.before-*
cd "$DIR/releases" 2>/dev/null || exit 0
# Labels are times: they sort by age.
old=$(for label in *; do [ "$label" = "$LABEL" ] || [ ! -d "$label" ] || echo "$label"; done | sort -r | tail -n "+$KEEP")
for label in $old; do rm -rf "./$label"; done
