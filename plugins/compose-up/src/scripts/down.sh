docker compose --ansi never -p "$W_PROJECT" down --remove-orphans
