//! The template `container`: from a repository to containers that serve, on emulated machines with a real git server,
//! registry and proxy.

mod bad_input;
mod deploying;
mod world;

pub(crate) use world::World;

crate::harness::on_each_database![
    a_repository_without_a_dockerfile_is_served,
    a_second_deployment_switches_and_previews_stay,
    what_is_wrong_is_said,
    a_registry_that_refuses_is_named,
    options_that_cannot_be_are_refused_before_anything_starts,
    a_project_begins_with_a_configuration_and_a_dockerfile,
];

use bad_input::*;
use deploying::*;
