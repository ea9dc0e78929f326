-- DNS zones whose names plugins may change. The provider is a document without its secret.
create table zones (
    name text not null primary key,
    provider text not null,
    -- A list.
    name_servers text not null,
    -- What of the provider's secret: ciphertext bound to the name.
    sealed text not null,
    created_at bigint not null,
    created_by text not null
);
