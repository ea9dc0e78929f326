//! Files that are served as they are.

use crate::{Bases, BuildPlan, Kind, NoPlan, PORT, Sources};

pub(crate) fn plan(sources: &Sources, bases: &Bases) -> Result<Option<BuildPlan>, NoPlan> {
    let Some(page) = sources.first(&["index.html", "public/index.html", "dist/index.html"]) else { return Ok(None) };
    let directory = page.strip_suffix("index.html").filter(|directory| !directory.is_empty()).unwrap_or(".");
    let start = "httpd -f -v -p $PORT -h /site".to_owned();
    let dockerfile = format!(
        "FROM {busybox}
ENV PORT={PORT}
COPY {directory} /site
USER 65532:65532
EXPOSE {PORT}
{cmd}
",
        busybox = bases.busybox,
        cmd = crate::command::cmd(&start),
    );
    Ok(Some(BuildPlan { kind: Kind::Static, because: page.to_owned(), start, dockerfile }))
}
