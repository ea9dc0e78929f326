-- A deployment that waits for a person before its first stage holds no environment yet.
drop index deployments_holder_key;
create unique index deployments_holder_key on deployments (environment_id)
    where status in ('running', 'interrupted') or (status = 'waiting' and started_at is not null);
