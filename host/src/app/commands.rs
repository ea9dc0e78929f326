//! What the composition root lends to the command line.

use super::{Server, ServerOptions, StartError};
use crate::cli::{Answers, DemoOptions, Host, LocalOptions, LocalServer, Question, ServeOptions, Signals, Waits};
use crate::engine::{ShippedTemplates, pipeline};
use futures::FutureExt;
use futures::future::BoxFuture;
use std::path::Path;
use std::time::Duration;
use windlass_api_types::Failure;

/// The commands that are not reached over HTTP.
#[derive(Clone, Copy, Debug, Default)]
pub struct Commands;

impl Host for Commands {
    fn start_local(&self, options: LocalOptions, drives: bool) -> BoxFuture<'_, Result<Box<dyn LocalServer>, Failure>> {
        async move {
            let options = ServerOptions {
                data_dir: options.data_dir,
                database_url: options.database_url,
                listen: None,
                plugin_dir: None,
                drives,
            };
            let server = Server::start(options).await.map_err(|error| error.failure())?;
            Ok(Box::new(Local(server)) as Box<dyn LocalServer>)
        }
        .boxed()
    }

    fn serve(&self, options: ServeOptions) -> BoxFuture<'_, Result<(), Failure>> {
        async move { serve(options).await.map_err(|error| error.failure()) }.boxed()
    }

    fn demo(&self, options: DemoOptions) -> BoxFuture<'_, Result<(), Failure>> {
        crate::demo::run(options).boxed()
    }

    fn questions(&self, template: &str) -> Result<Vec<Question>, Failure> {
        super::init::questions(template)
    }

    fn init(&self, template: &str, answers: &Answers) -> Result<String, Failure> {
        super::init::text(template, answers)
    }

    fn eject(&self, config: &str) -> Result<String, Failure> {
        let config = pipeline::read_config(config).map_err(|errors| errors.failure())?;
        pipeline::eject(&config, &ShippedTemplates).map_err(|errors| errors.failure())
    }
}

/// An engine in this process.
struct Local(Server);

impl LocalServer for Local {
    fn socket(&self) -> &Path {
        self.0.socket()
    }

    fn shutdown(self: Box<Self>, waits: Waits) -> BoxFuture<'static, Result<(), Failure>> {
        async move {
            let engine = self.0.engine.clone();
            let closed = self.0.close();
            tokio::pin!(closed);
            tokio::select! {
                () = &mut closed => return Ok(()),
                () = tokio::time::sleep(AT_ONCE) => {}
            }
            let running = engine.running_labels();
            if !running.is_empty() {
                waits(&running);
            }
            closed.await;
            Ok(())
        }
        .boxed()
    }
}

/// How long an end takes that waits for nothing.
const AT_ONCE: Duration = Duration::from_millis(500);

/// Serves until a signal; what runs is let go of then, for another server or the next start.
async fn serve(options: ServeOptions) -> Result<(), StartError> {
    let mut signals = Signals::listen().map_err(StartError::Signals)?;
    let server = Server::start(ServerOptions {
        data_dir: options.data_dir,
        database_url: options.database_url,
        listen: Some(options.listen),
        plugin_dir: Some(options.plugin_dir),
        drives: true,
    })
    .await?;
    announce(&server).await?;
    signals.next().await;
    if server.running() > 0 {
        tracing::info!(running = server.running(), "letting go of running deployments; a second signal does not wait");
    }
    tokio::select! {
        () = server.hand_over() => {}
        () = signals.next() => {}
    }
    Ok(())
}

async fn announce(server: &Server) -> Result<(), StartError> {
    let url = server.url.as_deref().unwrap_or_default();
    tracing::info!(url, socket = %server.socket().display(), "windlass serves");
    if !crate::api::has_web_ui() {
        tracing::warn!(
            "this binary was built without the web UI and may lack plugins; `cargo xtask build` makes it whole"
        );
    }
    if let Some(link) = server.sign_in_link().await? {
        anstream::println!("windlass serves {url}\n  sign in: {link}");
    }
    Ok(())
}
