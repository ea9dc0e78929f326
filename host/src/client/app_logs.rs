//! The logs of apps, which stay on the targets.

use super::sse::Parser;
use super::{Client, ClientError};
use futures::{Stream, StreamExt, stream};
use reqwest::header;
use windlass_api_types::app_log::AppLogLine;

/// Which lines.
#[derive(Clone, Debug)]
pub struct AppLogFilter {
    /// Only of this target.
    pub target: Option<String>,
    /// The last lines of each log.
    pub tail: u32,
}

impl Client {
    /// The last lines of what a deployment has started. The deployment is named by its id or label.
    pub async fn app_logs(&self, deployment: &str, filter: &AppLogFilter) -> Result<Vec<AppLogLine>, ClientError> {
        let tail = filter.tail.to_string();
        self.get(&["deployments", deployment, "app-logs"], &query(filter, &tail)).await
    }

    /// The same, and what is written from now on, until the app or the connection ends.
    pub async fn follow_app_logs(
        &self,
        deployment: &str,
        filter: &AppLogFilter,
    ) -> Result<impl Stream<Item = Result<AppLogLine, ClientError>> + Send + use<>, ClientError> {
        let tail = filter.tail.to_string();
        let url = self.url(&["deployments", deployment, "app-logs"], &query(filter, &tail));
        let mut request = self.http.get(url).header(header::ACCEPT, "text/event-stream");
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = self.answer(request).await?;
        let (client, mut parser) = (self.clone(), Parser::default());
        let lines = response.bytes_stream().flat_map(move |chunk| {
            let lines =
                chunk.map_err(|error| client.lost(&error)).and_then(|chunk| lines(&client, &mut parser, &chunk));
            stream::iter(lines.unwrap_or_else(|error| vec![Err(error)]))
        });
        Ok(lines)
    }
}

fn query<'a>(filter: &'a AppLogFilter, tail: &'a str) -> Vec<(&'a str, &'a str)> {
    let target = filter.target.as_deref().map(|target| ("target", target));
    target.into_iter().chain([("tail", tail)]).collect()
}

/// The lines that a chunk completes.
fn lines(
    client: &Client,
    parser: &mut Parser,
    chunk: &[u8],
) -> Result<Vec<Result<AppLogLine, ClientError>>, ClientError> {
    let malformed = |reason: String| ClientError::Malformed { place: client.place().to_owned(), reason };
    let messages = parser.push(chunk).map_err(|error| malformed(error.to_string()))?;
    let lines = messages.iter().filter(|message| message.event == "line");
    Ok(lines.map(|line| serde_json::from_str(&line.data).map_err(|error| malformed(error.to_string()))).collect())
}
