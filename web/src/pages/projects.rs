//! The projects: what is live where, and what happened last.

use crate::api::{self, Remote};
use crate::components::{Ago, Command, Empty, Glyph, Icon, StatusBadge, loaded, set_title};
use crate::live::{Live, clock::Clock};
use crate::model::deployments::{elapsed, path};
use crate::model::time::duration;
use leptos::prelude::*;
use leptos_router::components::A;
use windlass_api_types::deployment::DeploymentSummary;
use windlass_api_types::project::{Environment, Health, Live as LiveRelease, Project};

#[component]
pub(crate) fn ProjectsPage() -> impl IntoView {
    set_title(|| "Projects".into());
    let projects = Remote::new(|| api::get::<Vec<Project>>("/projects"));
    follow(projects);
    view! {
        <div class="page">
            <header class="page-head"><h1>"Projects"</h1></header>
            {loaded(projects, "The projects could not be loaded", 6, move || {
                view! {
                    <Show when=move || projects.data.with(|list| list.as_ref().is_some_and(|list| !list.is_empty()))
                        fallback=FirstSteps>
                        <div class="projects">
                            <For each=move || projects.data.get().unwrap_or_default() key=|project| project.clone_key()
                                children=|project| view! { <ProjectCard project=project/> }/>
                        </div>
                    </Show>
                }
            })}
        </div>
    }
}

/// What a card is drawn again for.
trait CardKey {
    fn clone_key(&self) -> String;
}

impl CardKey for Project {
    fn clone_key(&self) -> String {
        use std::fmt::Write;
        let mut key = self.id.to_string();
        for environment in &self.environments {
            let latest = environment.latest.as_ref().map(|latest| (latest.number, latest.last_seq, latest.status));
            let live: Vec<_> = environment.live.iter().map(|live| (&live.target, &live.release)).collect();
            // Writing to a string does not fail.
            let _ = write!(key, "{}{latest:?}{live:?}", environment.name);
        }
        key
    }
}

/// Keeps the list current: a change of a deployment shows at once, its end asks for what is live now.
fn follow(projects: Remote<Vec<Project>>) {
    let Some(live) = use_context::<Live>() else { return };
    Effect::new(move |_| {
        let changed = live.deployments.get();
        let mut ended = false;
        projects.data.maybe_update(|list| {
            let mut any = false;
            for deployment in changed.iter().rev() {
                match place(list, deployment) {
                    Some(latest) if latest.as_ref().is_none_or(|latest| is_older(latest, deployment)) => {
                        ended |= deployment.status.is_terminal();
                        *latest = Some(deployment.clone());
                        any = true;
                    }
                    Some(_) => {}
                    None => ended |= list.is_some() && !deployment.status.is_terminal(),
                }
            }
            any
        });
        if ended {
            projects.reload();
        }
    });
}

fn place<'a>(
    list: &'a mut Option<Vec<Project>>,
    deployment: &DeploymentSummary,
) -> Option<&'a mut Option<DeploymentSummary>> {
    let project = list.as_mut()?.iter_mut().find(|project| project.name == deployment.project)?;
    let environment = project.environments.iter_mut().find(|known| known.name == deployment.environment)?;
    Some(&mut environment.latest)
}

fn is_older(known: &DeploymentSummary, other: &DeploymentSummary) -> bool {
    (known.id, known.last_seq) < (other.id, other.last_seq)
}

#[component]
fn ProjectCard(project: Project) -> impl IntoView {
    let history = format!("/deployments?project={}", api::segment(&project.name));
    view! {
        <section class="card" aria-label=project.name.clone()>
            <header class="card-head">
                <h2>{project.name.clone()}</h2>
                <A href=history attr:class="quiet">"History"<Icon glyph=Glyph::Chevron/></A>
            </header>
            <div class="environments">
                {project.environments.into_iter().map(|environment| view! { <EnvironmentRow environment=environment/> }).collect_view()}
            </div>
        </section>
    }
}

#[component]
fn EnvironmentRow(environment: Environment) -> impl IntoView {
    let targets: Vec<String> = environment.targets.values().flatten().cloned().collect();
    let content = view! {
        <span class="environment-name">
            <strong>{environment.name.clone()}</strong>
            <span class="muted" title=targets.join(", ")>{targets_text(&targets)}</span>
        </span>
        <LiveCell live=environment.live/>
        {match environment.latest.clone() {
            Some(latest) => view! { <LatestCell latest=latest/> }.into_any(),
            None => view! { <span class="muted latest">"Never deployed"</span> }.into_any(),
        }}
    };
    match environment.latest {
        Some(latest) => {
            let href = path(&latest.project, latest.number);
            view! { <A href=href attr:class="environment" attr:data-row="">{content}</A> }.into_any()
        }
        None => view! { <div class="environment">{content}</div> }.into_any(),
    }
}

fn targets_text(targets: &[String]) -> String {
    match targets {
        [] => "on the server".into(),
        [one] => one.clone(),
        many => format!("{} targets", many.len()),
    }
}

#[component]
fn LiveCell(live: Vec<LiveRelease>) -> impl IntoView {
    let mut releases: Vec<&str> = live.iter().map(|live| live.release.as_str()).collect();
    releases.sort_unstable();
    releases.dedup();
    let where_it_runs: Vec<_> = live
        .iter()
        .map(|live| format!("{}: {} ({})", live.target.as_deref().unwrap_or("server"), live.release, live.deployment))
        .collect();
    // Of what is not well, that is said, and not how old it is.
    let well = live.iter().all(|live| live.health.iter().all(|health| health.healthy));
    let since = live.iter().map(|live| live.since).max().filter(|_| well);
    let health = health(&live);
    let mixed = releases.len() > 1;
    let text = match releases[..] {
        [] => return view! { <span class="live muted">"Nothing live"</span> }.into_any(),
        [one] => one.to_owned(),
        _ => format!("{} releases", releases.len()),
    };
    view! {
        <span class="live" title=where_it_runs.join("\n")>
            <span class="label">"Live"</span>
            <span class="mono" class:mixed=mixed>{text}</span>
            {since.map(|since| view! { <span class="muted"><Ago at=since/></span> })}
            {health}
        </span>
    }
    .into_any()
}

/// What the watches of the live releases find; nothing where nothing is watched.
fn health(live: &[LiveRelease]) -> Option<impl IntoView + use<>> {
    let found: Vec<_> = live.iter().flat_map(|live| live.health.iter().map(move |health| (live, health))).collect();
    let sick: Vec<_> = found.iter().filter(|(_, health)| !health.healthy).collect();
    let line = |(live, health): &&(&LiveRelease, &Health)| {
        format!("{}: {}", live.target.as_deref().unwrap_or("server"), health.reason)
    };
    let details: Vec<String> = sick.iter().map(line).collect();
    let since = sick.iter().map(|(_, health)| health.since).min();
    let (tone, icon, word) =
        if sick.is_empty() { ("ok", Glyph::Done, "healthy") } else { ("bad", Glyph::Error, "unhealthy") };
    (!found.is_empty()).then(|| {
        view! {
            <span class="badge" data-tone=tone title=details.join("\n")>
                <Icon glyph=icon/>{word}
                {since.map(|since| view! { <Ago at=since/> })}
            </span>
        }
    })
}

#[component]
fn LatestCell(latest: DeploymentSummary) -> impl IntoView {
    let now = Clock::get();
    let at = latest.created_at;
    let status = latest.status;
    let label = latest.label.clone();
    let actor = latest.actor.clone();
    let took = Memo::new(move |_| elapsed(&latest, now.get()).map(|ms| format!(" · {}", duration(ms))));
    view! {
        <span class="latest">
            <StatusBadge status=status/>
            <span class="mono">{label}</span>
            <span class="muted">{actor}" · "<Ago at=at/><span class="num">{took}</span></span>
        </span>
    }
}

#[component]
fn FirstSteps() -> impl IntoView {
    view! {
        <Empty glyph=Glyph::Project title="Deploy something">
            <p class="muted">"A project appears here with its first deployment. In its directory, type:"</p>
            <ol class="steps">
                <li><Command text="windlass target add web-1 deploy@10.0.0.11"/></li>
                <li><Command text="windlass init"/></li>
                <li><Command text="windlass deploy ./dist --to production"/></li>
            </ol>
        </Empty>
    }
}
