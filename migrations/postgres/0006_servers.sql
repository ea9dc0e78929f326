-- Several servers on one database. A server is alive while its `seen_at` is young; all times here are the database's.
create table servers (
    -- What deployments.owner says.
    id text collate "C" not null primary key,
    name text not null,
    -- Where people reach it.
    url text,
    -- Also tells apart two processes that claim to be the same server.
    started_at bigint not null,
    seen_at bigint not null
);

-- What is wished of a deployment, until whoever runs it makes an event of it: in that event's transaction the row goes.
create table commands (
    id text collate "C" not null primary key,
    deployment_id text collate "C" not null constraint commands_deployment_fkey references deployments (id),
    kind text collate "C" not null,
    data text not null,
    -- Who wishes it.
    actor text not null,
    created_at bigint not null
);

create index commands_by_deployment on commands (deployment_id, id);
