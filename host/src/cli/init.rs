//! `windlass init`: a `windlass.toml` to start from.

use super::context::Context;
use super::host::{Answers, Question};
use super::project_file::FILE_NAME;
use super::{CliError, Exit, dockerfile, git, prompt};
use clap::Args;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Names of targets are asked for a group at a time, by this prefix.
const TARGETS: &str = "targets.";

/// Write a windlass.toml for this directory
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  windlass init\n  windlass init --template process --set options.command=./server\n  windlass init --template container --dockerfile"
)]
pub(super) struct Init {
    /// The pipeline to start from
    #[arg(long, value_name = "NAME", default_value = "process")]
    template: String,
    /// Answer a question beforehand
    #[arg(long, value_name = "KEY=VALUE", value_parser = super::var::assignment)]
    set: Vec<(String, String)>,
    /// Where to write it
    #[arg(long, value_name = "FILE", default_value = FILE_NAME)]
    output: PathBuf,
    /// Also find out what the app in this directory is, and write a Dockerfile for it
    #[arg(long)]
    dockerfile: bool,
    /// Replace a file that is there
    #[arg(long)]
    force: bool,
}

impl Init {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        if self.output.exists() && !self.force {
            return Err(CliError::usage(
                format!("{} is there already", self.output.display()),
                "edit it, or replace it with --force",
            ));
        }
        let dockerfile = if self.dockerfile { Some(dockerfile::plan(Path::new("."), self.force)?) } else { None };
        let questions = context.host.questions(&self.template)?;
        let repository = git::origin(Path::new(".")).await.unwrap_or_default();
        let answers = answers(self.set, &questions, &repository)?;
        let text = context.host.init(&self.template, &answers)?;
        write(&self.output, &text).map_err(|error| CliError::file("write", &self.output, &error))?;
        context.output.note(&format!("wrote {}", self.output.display()));
        if let Some(plan) = dockerfile {
            write(Path::new(dockerfile::FILE), &plan.dockerfile)
                .map_err(|error| CliError::file("write", Path::new(dockerfile::FILE), &error))?;
            context.output.note(&format!(
                "wrote {}: this is {}, because of {}",
                dockerfile::FILE,
                plan.kind,
                plan.because
            ));
            context.output.note(&format!("  it starts with `{}`, on the port in the variable PORT", plan.start));
        }
        let environment = answers.get("environment").map_or("ENVIRONMENT", String::as_str);
        let add = unregistered(context, &answers).await.into_iter();
        let mut commands: Vec<String> = add.map(|name| format!("windlass target add {name} USER@HOST")).collect();
        commands.push(format!("windlass plan PATH --to {environment}"));
        context.output.note(&format!("  next: {}", commands.join(" | ")));
        Ok(Exit::Done)
    }
}

/// The targets of the answers that have to be registered yet: all, where that cannot be known.
async fn unregistered(context: &Context, answers: &Answers) -> Vec<String> {
    let groups = answers.iter().filter(|(key, _)| key.starts_with(TARGETS));
    let names = groups.flat_map(|(_, names)| names.split(',')).map(str::trim).filter(|name| !name.is_empty());
    let mut names: Vec<String> = names.map(str::to_owned).collect();
    names.dedup();
    if names.is_empty() || !context.has_data() {
        return names;
    }
    let known = async { Ok::<_, CliError>(context.client().await?.targets().await?) }.await.unwrap_or_default();
    names.retain(|name| !known.iter().any(|target| target.name == *name));
    names
}

/// What was given beforehand, what is answered now, and the defaults of the rest.
fn answers(set: Vec<(String, String)>, questions: &[Question], repository: &str) -> Result<Answers, CliError> {
    let mut answers: Answers = set.into_iter().collect();
    if let Some(unknown) = answers.keys().find(|key| !questions.iter().any(|question| question.key == **key)) {
        let known: Vec<&str> = questions.iter().map(|question| question.key.as_str()).collect();
        return Err(CliError::usage(
            format!("nothing asks for `{unknown}`"),
            format!("--set takes one of: {}", known.join(", ")),
        ));
    }
    for question in questions {
        if answers.contains_key(&question.key) {
            continue;
        }
        let default = question.default.clone().or_else(|| (question.key == "project").then(directory_name)?);
        let project = answers.get("project").map_or("", String::as_str);
        let default =
            default.map(|default| default.replace("${project}", project).replace("${repository}", repository));
        let answer = match default {
            default if prompt::is_interactive() => prompt::ask(&question.text, default.as_deref())?,
            Some(default) => default,
            None => {
                return Err(CliError::usage(
                    format!("`{}` has no answer: {}", question.key, question.text),
                    format!("pass --set {}=…, or run it in a terminal", question.key),
                ));
            }
        };
        answers.insert(question.key.clone(), answer);
    }
    Ok(answers)
}

/// The working directory's name, as far as it is one for a project.
fn directory_name() -> Option<String> {
    let directory = std::env::current_dir().ok()?;
    let name: String = directory.file_name()?.to_str()?.to_lowercase();
    let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let name = name.trim_matches('-').to_owned();
    (!name.is_empty()).then_some(name)
}

/// Through a temporary file, so that nobody ever reads half of it.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let directory = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(text.as_bytes())?;
    // Temporary files are private; this one belongs into a repository.
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
