printf 'now=%s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
for id in $(ids); do
    docker inspect --format 'container={{.Name}}' "$id"
    docker inspect --format '{{$s := index .Config.Labels "com.docker.compose.service"}}{{range $p, $b := .NetworkSettings.Ports}}{{range $b}}port={{$s}} {{$p}} {{.HostPort}}
{{end}}{{end}}' "$id"
done
