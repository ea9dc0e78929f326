//! Ids: UUIDv7 newtypes, so that a project's id cannot be passed for an environment's.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, format = "uuid"))]
        #[serde(transparent)]
        pub struct $name(pub uuid::Uuid);

        impl $name {
            /// A new id; ids made later sort later.
            #[cfg(feature = "generate")]
            #[allow(clippy::new_without_default, reason = "an id is made on purpose, never by default")]
            pub fn new() -> Self {
                Self(uuid::Uuid::now_v7())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// A project.
    ProjectId,
    /// An environment of a project.
    EnvironmentId,
    /// A machine acted upon.
    TargetId,
    /// An immutable revision of a project's pipeline.
    PipelineRevisionId,
    /// A release of a project.
    ReleaseId,
    /// A deployment.
    DeploymentId,
    /// One (stage, target, attempt, run or undo) of a deployment.
    StageRunId,
    /// A person or a program with access.
    UserId,
    /// An API token.
    TokenId,
    /// A Windlass server.
    ServerId,
    /// What somebody wishes of a deployment, until it is an event.
    CommandId,
}
