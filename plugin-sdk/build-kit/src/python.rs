//! Python apps: `requirements.txt` or `pyproject.toml`.

use crate::command::cmd;
use crate::{Bases, BuildPlan, Kind, NoPlan, PORT, Sources, procfile};

pub(crate) fn plan(sources: &Sources, bases: &Bases) -> Result<Option<BuildPlan>, NoPlan> {
    let Some(file) = sources.first(&["requirements.txt", "pyproject.toml"]) else { return Ok(None) };
    let (start, from) = match (procfile::web(sources), sources.first(&["main.py", "app.py", "server.py"])) {
        (Some(command), _) => (command, "Procfile says how it starts".to_owned()),
        (None, Some(file)) => (format!("python {file}"), file.to_owned()),
        (None, None) => {
            return Err(NoPlan::new(
                format!("{file} is there, and nothing says how the Python app is started"),
                "add a Procfile with a line such as `web: gunicorn -b 0.0.0.0:$PORT app:app`, a main.py, or a Dockerfile",
            ));
        }
    };
    let install = match file {
        "requirements.txt" => "COPY requirements.txt ./\nRUN pip install -r requirements.txt\n",
        _ => "COPY . .\nRUN pip install .\n",
    };
    let dockerfile = format!(
        "FROM {python} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
WORKDIR /app
{install}
FROM {python}
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PORT={PORT}
WORKDIR /app
COPY --from=build /venv /venv
COPY . .
USER 65532:65532
EXPOSE {PORT}
{cmd}
",
        python = bases.python,
        cmd = cmd(&start),
    );
    Ok(Some(BuildPlan { kind: Kind::Python, because: format!("{file}; {from}"), start, dockerfile }))
}
