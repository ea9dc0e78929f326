//! The application: where its pages are.

use crate::browser;
use crate::components::Shell;
use crate::pages::{
    DeploymentById, DeploymentPage, DeploymentsPage, NotFound, PluginsPage, ProjectsPage, SignInPage, TargetsPage,
    TokensPage,
};
use leptos::prelude::*;
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::path;

/// Replaces the static skeleton of `index.html` by the application.
pub fn start() {
    console_error_panic_hook::set_once();
    let Some(root) = browser::find("#app") else { return };
    root.set_inner_html("");
    mount_to(root, App).forget();
}

#[component]
fn App() -> impl IntoView {
    view! {
        <Router>
            <Routes fallback=NotFound>
                <Route path=path!("/sign-in") view=SignInPage/>
                <ParentRoute path=path!("") view=Shell>
                    <Route path=path!("/") view=ProjectsPage/>
                    <Route path=path!("/deployments") view=DeploymentsPage/>
                    <Route path=path!("/deployments/:id") view=DeploymentById/>
                    <Route path=path!("/deployments/:project/:number") view=DeploymentPage/>
                    <Route path=path!("/targets") view=TargetsPage/>
                    <Route path=path!("/plugins") view=PluginsPage/>
                    <Route path=path!("/settings/tokens") view=TokensPage/>
                    <Route path=path!("/*any") view=NotFound/>
                </ParentRoute>
            </Routes>
        </Router>
    }
}
