-- What watches find of live releases: a row for each change. The newest of a deployment, target and stage is how it
-- is. Beside the events, since a deployment's last event is its end. The target is a name; empty: the server.
create table health_changes (
    deployment_id text not null constraint health_changes_deployment_fkey references deployments (id),
    target text not null,
    stage text not null,
    at bigint not null,
    -- 0 or 1.
    healthy bigint not null,
    reason text not null,
    primary key (deployment_id, target, stage, at)
) without rowid;
