-- Secrets of environments, in immutable versions. A removed secret keeps its versions for the deployments
-- that pinned them.
create table secrets (
    environment_id text not null constraint secrets_environment_fkey references environments (id),
    name text not null,
    version bigint not null,
    -- What of it: ciphertext bound to the three columns above.
    sealed text not null,
    created_at bigint not null,
    created_by text not null,
    removed_at bigint,
    primary key (environment_id, name, version)
);

-- What the server approves of in an environment. The plugin is a name, or `*` for all of them.
create table grants (
    environment_id text not null constraint grants_environment_fkey references environments (id),
    plugin text not null,
    kind text not null,
    value text not null,
    created_at bigint not null,
    created_by text not null,
    primary key (environment_id, plugin, kind, value)
);

-- Environments whose grants nobody adds in passing: only `windlass grant` does.
alter table environments add column protected_at bigint;
