//! States of deployments and stage runs, and the small enums around them.

/// Declares an enum of lowercase words with the word as its text form everywhere: JSON, SQL, CLI, UI.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $word)] $variant),*
        }

        impl $name {
            /// Every value, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word for it in JSON, SQL, CLI and UI.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownWord;
            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                match text {
                    $($word => Ok(Self::$variant),)*
                    other => Err(UnknownWord { word: other.into(), expected: &[$($word),*] }),
                }
            }
        }
    )*};
}

/// A word that is none of an enum's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownWord {
    pub word: String,
    pub expected: &'static [&'static str],
}

impl std::fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` is none of: {}", self.word, self.expected.join(", "))
    }
}

impl std::error::Error for UnknownWord {}

words! {
    /// The state of a deployment. A pure fold of its events; see [`crate::DeploymentState`].
    DeploymentStatus {
        Queued = "queued",
        Running = "running",
        /// Waits for a person, a lock is held.
        Waiting = "waiting",
        Succeeded = "succeeded",
        Failed = "failed",
        Canceled = "canceled",
        /// Somebody must say how it goes on; not terminal.
        Interrupted = "interrupted",
    }

    /// The state of a stage, or of one of its runs.
    StageStatus {
        /// Planned, not yet reached.
        Pending = "pending",
        Queued = "queued",
        Running = "running",
        Waiting = "waiting",
        Succeeded = "succeeded",
        Failed = "failed",
        Canceled = "canceled",
        Interrupted = "interrupted",
        /// Not run: its `when` did not hold, or the deployment ended before it.
        Skipped = "skipped",
        /// Failed, and the pipeline says that this only warns.
        Warned = "warned",
        TimedOut = "timed_out",
    }

    /// Whether a stage run does or compensates.
    RunMode {
        Run = "run",
        Undo = "undo",
    }

    /// How far a deployment is with its release, in the words of platforms that build and run containers. A pure
    /// function of the state; see [`crate::lifecycle`].
    Lifecycle {
        /// Nothing has begun.
        Pending = "PENDING",
        /// The sources are brought.
        Initializing = "INITIALIZING",
        /// An image is built and pushed.
        Building = "BUILDING",
        /// It is started and checked.
        Deploying = "DEPLOYING",
        /// It is live.
        Running = "RUNNING",
        /// It was live, or was canceled before.
        Stopped = "STOPPED",
        Failed = "FAILED",
    }

    /// Why a deployment was made.
    DeploymentKind {
        Deploy = "deploy",
        /// The inputs of an earlier deployment, pinned.
        Retry = "retry",
        /// An older release with current variables and secrets.
        Rollback = "rollback",
    }

    /// Who is to blame for a failure.
    FailedBy {
        /// The plugin said so, or broke.
        Plugin = "plugin",
        /// The target could not be reached or refused.
        Target = "target",
        /// Windlass itself.
        Platform = "platform",
        /// A person: canceled, rejected, wrong configuration.
        User = "user",
    }

    /// The level of a log line.
    Level {
        Debug = "debug",
        Info = "info",
        Warning = "warning",
        Error = "error",
    }

    /// Which stream of a command a log line came from.
    OutputStream {
        Stdout = "stdout",
        Stderr = "stderr",
    }

    /// How an effect may be repeated when its outcome is unknown.
    RepeatPolicy {
        /// It changes nothing.
        Read = "read",
        /// Performing it again does no harm.
        Idempotent = "idempotent",
        /// It can be found again on the target.
        Reattachable = "reattachable",
        /// Never performed again by itself.
        Once = "once",
    }

    /// What a person says of an effect whose outcome is not known.
    Resolution {
        /// It did not happen: perform it again.
        Retry = "retry",
        /// It happened, and all is well.
        Done = "done",
        /// It failed.
        Fail = "fail",
    }

    /// Where an effect's answer came from.
    AnswerOrigin {
        /// The effect was performed.
        Performed = "performed",
        /// The effect was found again on the target after its connection or the server was lost.
        Found = "found",
        /// A plan answered with the effect's preview.
        Previewed = "previewed",
        /// A person resolved it.
        Resolved = "resolved",
    }

    /// How a question to a person was answered.
    Decision {
        Approved = "approved",
        Rejected = "rejected",
        /// Nobody answered in time.
        Expired = "expired",
    }

    /// What a replay says of a stage run.
    ReplayVerdict {
        /// The same effects and, where the record has one, the same outcome.
        Same = "same",
        Different = "different",
        /// The stage run has not ended: the same up to where its record ends.
        Open = "open",
        /// The stage run ended before its plugin began: there is nothing to run again.
        NeverBegan = "never_began",
        /// It could not be run again, as the note says.
        Unavailable = "unavailable",
    }

    /// What a replay made of a recorded effect.
    EffectReplay {
        /// It asked for the same.
        Same = "same",
        /// It asked for something else: the first difference.
        Different = "different",
        /// It did not come so far.
        Unread = "unread",
    }
}

impl DeploymentStatus {
    /// No event follows a terminal status.
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Canceled)
    }

    /// Whether a deployment in this status keeps others away from its environment.
    pub fn holds_environment(self) -> bool {
        matches!(self, Self::Running | Self::Waiting | Self::Interrupted)
    }
}

impl StageStatus {
    /// Whether a stage run in this status has ended.
    pub fn is_terminal(self) -> bool {
        !matches!(self, Self::Pending | Self::Queued | Self::Running | Self::Waiting | Self::Interrupted)
    }

    /// Whether the stage did what it was for, so that the next may start.
    pub fn passed(self) -> bool {
        matches!(self, Self::Succeeded | Self::Warned | Self::Skipped)
    }
}
