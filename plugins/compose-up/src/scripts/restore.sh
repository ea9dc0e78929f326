cd "$W_DIR" 2>/dev/null || exit 0
back() { # file
    if [ -e "$1.$kept" ]; then mv -f "$1.$kept" "$1"; elif [ "$2" = yes ]; then rm -f "$1"; fi
}
rm -f "$W_SERVICE/override.new"
if [ "$W_THERE" = yes ]; then
    # Of the two only the compose file was there in any case.
    [ ! -e "$W_FILE.$kept" ] || { back "$W_SERVICE/override.yml" yes && back "$W_FILE" no; }
else
    rm -f "$W_FILE" "$W_SERVICE/override.yml" "$W_SERVICE/owner"
fi
[ -z "$W_RELEASE" ] || rm -rf "$W_SERVICE/releases/$W_RELEASE"
rmdir "$W_SERVICE/releases" "$W_SERVICE" 2>/dev/null || :
[ "$W_UP" = yes ] || exit 0
printf '%s\n' "$W_IMAGES" | while read -r name id; do
    # What the tag meant before; a digest means the same forever.
    case $name in '' | *@* | sha256:*) ;; *) docker tag "$id" "$name" ;; esac
done
compose "$W_FILE" "$W_SERVICE/override.yml" up --detach --remove-orphans --pull missing
