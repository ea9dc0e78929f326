-- The first schema. The same tables stand in ../postgres/; only what a line comment says differs.
--
-- Ids are UUIDv7 as text, times are milliseconds since the Unix epoch, documents are JSON as text:
-- text and bigint columns mean the same to both databases. Constraints that a caller may run into
-- are named, so that they can be told apart.

create table projects (
    id text not null primary key,
    name text not null constraint projects_name_key unique,
    -- The text of the last windlass.toml that was accepted.
    config text not null,
    -- The number of the newest deployment and of the newest pipeline revision.
    last_number bigint not null default 0,
    last_revision bigint not null default 0,
    created_at bigint not null
);

create table environments (
    id text not null primary key,
    project_id text not null constraint environments_project_fkey references projects (id),
    name text not null,
    constraint environments_name_key unique (project_id, name)
);

create table targets (
    id text not null primary key,
    name text not null constraint targets_name_key unique,
    host text not null,
    port bigint not null,
    "user" text not null,
    host_key text not null,
    fingerprint text not null,
    identity text not null,
    created_at bigint not null
);

-- Binding a target to an environment is an approval: a bound target cannot be deleted.
create table environment_targets (
    environment_id text not null constraint environment_targets_environment_fkey references environments (id),
    target_group text not null,
    position bigint not null,
    target_id text not null constraint environment_targets_target_fkey references targets (id),
    primary key (environment_id, target_group, position)
) without rowid;

create index environment_targets_target on environment_targets (target_id);

create table variables (
    environment_id text not null constraint variables_environment_fkey references environments (id),
    name text not null,
    value text not null,
    updated_at bigint not null,
    primary key (environment_id, name)
) without rowid;

create table pipeline_revisions (
    id text not null primary key,
    project_id text not null constraint pipeline_revisions_project_fkey references projects (id),
    number bigint not null,
    digest text not null,
    template text,
    definition text not null,
    created_at bigint not null,
    constraint pipeline_revisions_number_key unique (project_id, number),
    constraint pipeline_revisions_digest_key unique (project_id, digest)
);

create table blobs (
    digest text not null primary key,
    size bigint not null,
    created_at bigint not null
);

-- The bytes of blobs where there is no data directory that all servers share; unused with SQLite.
create table blob_chunks (
    digest text not null,
    position bigint not null,
    bytes blob not null,
    primary key (digest, position)
);

create table releases (
    id text not null primary key,
    project_id text not null constraint releases_project_fkey references projects (id),
    label text not null,
    pipeline_revision_id text not null
        constraint releases_pipeline_revision_fkey references pipeline_revisions (id),
    -- Digests by name@version.
    plugins text not null,
    "commit" text,
    created_at bigint not null,
    constraint releases_label_key unique (project_id, label)
);

create table release_artifacts (
    release_id text not null constraint release_artifacts_release_fkey references releases (id),
    name text not null,
    digest text not null constraint release_artifacts_blob_fkey references blobs (digest),
    size bigint not null,
    primary key (release_id, name)
) without rowid;

create table deployments (
    id text not null primary key,
    project_id text not null constraint deployments_project_fkey references projects (id),
    environment_id text not null constraint deployments_environment_fkey references environments (id),
    number bigint not null,
    reason text not null,
    actor text not null,
    release_id text not null constraint deployments_release_fkey references releases (id),
    -- What was live when it started.
    previous_release_id text constraint deployments_previous_release_fkey references releases (id),
    pipeline_revision_id text not null
        constraint deployments_pipeline_revision_fkey references pipeline_revisions (id),
    -- What it pins: variables, targets it is restricted to, digests of plugins.
    inputs text not null,
    -- From here to activated_at: a cache of what the events say, written in the events' transaction.
    status text not null,
    failed_stage text,
    failed_by text,
    failure text,
    started_at bigint,
    ended_at bigint,
    -- When its release first went live somewhere.
    activated_at bigint,
    created_at bigint not null,
    -- The seq of the newest event. Each transaction that adds events begins by raising it.
    last_seq bigint not null,
    -- Grows with each change of the owner; who writes with an older one is fenced off.
    epoch bigint not null default 0,
    owner text,
    constraint deployments_number_key unique (project_id, number)
);

-- An environment is held by one deployment at a time.
create unique index deployments_holder_key on deployments (environment_id)
    where status in ('running', 'waiting', 'interrupted');

-- The queue: a handful of rows however long the history is.
create index deployments_unfinished on deployments (environment_id, number)
    where status in ('queued', 'running', 'waiting', 'interrupted');

-- The lists, newest first (ids of later deployments are greater).
create index deployments_by_project on deployments (project_id, status, id);
create index deployments_in_project on deployments (project_id, id);
create index deployments_by_environment on deployments (environment_id, status, id);
create index deployments_in_environment on deployments (environment_id, id);
create index deployments_by_status on deployments (status, id);

-- Which releases were live in an environment, in order.
create index deployments_activated on deployments (environment_id, activated_at)
    where activated_at is not null;

-- Append-only. No foreign key: the transaction has just updated the deployment's row.
create table events (
    deployment_id text not null,
    seq bigint not null,
    at bigint not null,
    kind text not null,
    stage_run text,
    level text,
    message text not null,
    data text not null,
    primary key (deployment_id, seq)
) without rowid;

-- Finds the few lines that matter among a million.
create index events_alarming on events (deployment_id, seq) where level in ('warning', 'error');

-- What runs where: a cache of release_activated events, written in their transaction. The target is
-- a name; empty: the server itself.
create table live (
    environment_id text not null constraint live_environment_fkey references environments (id),
    target text not null,
    release_id text not null constraint live_release_fkey references releases (id),
    deployment_id text not null constraint live_deployment_fkey references deployments (id),
    since bigint not null,
    primary key (environment_id, target)
) without rowid;

create table stage_state (
    environment_id text not null constraint stage_state_environment_fkey references environments (id),
    plugin text not null,
    key text not null,
    value text not null,
    version bigint not null,
    primary key (environment_id, plugin, key)
) without rowid;

create table users (
    id text not null primary key,
    name text not null constraint users_name_key unique,
    created_at bigint not null
);

-- Secrets of sessions, links and tokens are never stored, only their SHA-256 in hex.
create table sessions (
    hash text not null primary key,
    user_id text not null constraint sessions_user_fkey references users (id),
    created_at bigint not null,
    expires_at bigint not null,
    last_used_at bigint not null
);

create table sign_in_links (
    hash text not null primary key,
    user_id text not null constraint sign_in_links_user_fkey references users (id),
    expires_at bigint not null,
    used_at bigint
);

create table tokens (
    id text not null primary key,
    user_id text not null constraint tokens_user_fkey references users (id),
    name text not null,
    hash text not null constraint tokens_hash_key unique,
    created_at bigint not null,
    expires_at bigint,
    last_used_at bigint
);

create table plugins (
    digest text not null primary key,
    name text not null,
    version text not null,
    metadata text not null,
    source text not null,
    loaded_at bigint not null
);

create table settings (
    key text not null primary key,
    value text not null
);
