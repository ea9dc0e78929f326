//! Creating a container from its spec.

use super::spec::{Health, Limits, Log, Mount, Port, Restart};
use super::{Engine, EngineError, Spec, failure};
use crate::ssh::{Capture, Command, ExecRequest, Repeat};
use bollard::models::{
    ContainerCreateBody, EndpointSettings, HealthConfig, HostConfig, HostConfigLogConfig, MountTmpfsOptions, MountType,
    NetworkConnectRequest, NetworkingConfig, PortBinding, PortMap, RestartPolicy, RestartPolicyNameEnum,
};
use bollard::query_parameters::CreateContainerOptionsBuilder;
use std::collections::HashMap;
use tokio_util::sync::CancellationToken;
use windlass_api_types::{ErrorKind, Failure};

/// The label with the hash of the spec that a container was created from.
const SPEC_LABEL: &str = "windlass.spec";

impl Engine {
    /// Creates a container and answers its id. `hash` tells specs apart without their secrets; a container of
    /// this name with the same hash and the same image is answered as it is.
    pub async fn create(&self, mut spec: Spec<String>, hash: &str) -> Result<String, EngineError> {
        let Some(image) = self.image(&spec.image).await? else { return Err(self.no_image(&spec.image).into()) };
        if let Some(there) = self.container(&spec.name).await? {
            let same = there.labels.get(SPEC_LABEL).is_some_and(|other| other == hash) && there.image_id == image.id;
            return if same { Ok(there.id) } else { Err(self.other_spec(&spec.name).into()) };
        }
        let what = format!("create the container {}", spec.name);
        self.expand_home(&mut spec.rest.mounts).await?;
        let body = body(&spec, hash).map_err(|said| failure::bad_spec(&said))?;
        let options = CreateContainerOptionsBuilder::new().name(&spec.name).build();
        let created = self.client.create_container(Some(options), body).await.map_err(self.failed(&what))?;
        for network in spec.rest.networks.iter().skip(1) {
            let endpoint_config =
                Some(EndpointSettings { aliases: Some(network.aliases.clone()), ..Default::default() });
            let request = NetworkConnectRequest { container: created.id.clone(), endpoint_config };
            if let Err(error) = self.client.connect_network(&network.name, request).await {
                // It would be taken for the whole container by a repeat.
                self.remove(&created.id, true).await?;
                return Err(self.failed(&what)(error));
            }
        }
        Ok(created.id)
    }

    /// Puts the home directory of the connection's user in the place of `~`, which engines do not know.
    async fn expand_home(&self, mounts: &mut [Mount]) -> Result<(), EngineError> {
        let mut homes = mounts.iter_mut().filter_map(|mount| match mount {
            Mount::Bind(bind) if bind.bind == "~" || bind.bind.starts_with("~/") => Some(&mut bind.bind),
            _ => None,
        });
        let Some(first) = homes.next() else { return Ok(()) };
        let script = Command::Script("printf %s \"$HOME\"".to_owned());
        let mut home = Capture::new(4096);
        self.connection.exec(&ExecRequest::new(script, Repeat::Reads), &mut home, &CancellationToken::new()).await?;
        let home = String::from_utf8_lossy(&home.stdout).into_owned();
        std::iter::once(first).chain(homes).for_each(|path| path.replace_range(..1, &home));
        Ok(())
    }

    fn other_spec(&self, name: &str) -> Failure {
        let message = format!("{}: there is a container {name} of another spec or image", self.target());
        Failure::new(ErrorKind::Conflict, "name-taken", message)
            .hint("remove or rename it first, or choose another name")
    }
}

fn body(spec: &Spec<String>, hash: &str) -> Result<ContainerCreateBody, String> {
    let rest = &spec.rest;
    let mut labels: HashMap<_, _> = rest.labels.clone().into_iter().collect();
    labels.insert(SPEC_LABEL.to_owned(), hash.to_owned());
    let first = rest.networks.first().map(|network| {
        let settings = EndpointSettings { aliases: Some(network.aliases.clone()), ..Default::default() };
        NetworkingConfig { endpoints_config: Some(HashMap::from([(network.name.clone(), settings)])) }
    });
    Ok(ContainerCreateBody {
        image: Some(spec.image.clone()),
        env: Some(spec.env.iter().map(|(name, value)| format!("{name}={value}")).collect()),
        labels: Some(labels),
        exposed_ports: Some(rest.ports.iter().map(exposed).collect()),
        healthcheck: rest.health.as_ref().map(health),
        cmd: rest.command.clone(),
        entrypoint: rest.entrypoint.clone(),
        user: rest.user.clone(),
        working_dir: rest.cwd.clone(),
        hostname: rest.hostname.clone(),
        stop_signal: rest.stop_signal.clone(),
        stop_timeout: rest.stop_grace_ms.map(|grace| i64::try_from(grace.div_ceil(1000)).unwrap_or(i64::MAX)),
        host_config: Some(host_config(spec)?),
        networking_config: first,
        ..Default::default()
    })
}

fn host_config(spec: &Spec<String>) -> Result<HostConfig, String> {
    let rest = &spec.rest;
    let limits = rest.limits.clone().unwrap_or_default();
    let network_mode = match rest.networks.first() {
        Some(network) => Some(network.name.clone()),
        None => rest.host_network.then(|| "host".to_owned()),
    };
    Ok(HostConfig {
        port_bindings: Some(bindings(&rest.ports)),
        mounts: Some(rest.mounts.iter().map(mount).collect::<Result<_, _>>()?),
        network_mode,
        memory: limits.memory_bytes,
        nano_cpus: nano_cpus(&limits),
        pids_limit: limits.pids,
        log_config: rest.log.as_ref().map(log),
        restart_policy: rest.restart.as_ref().map(restart).transpose()?,
        runtime: rest.runtime.clone(),
        privileged: Some(rest.privileged),
        readonly_rootfs: Some(rest.read_only),
        init: rest.init.then_some(true),
        cap_add: Some(rest.cap_add.clone()),
        cap_drop: Some(rest.cap_drop.clone()),
        ..Default::default()
    })
}

/// Such as `3000/tcp`.
fn exposed(port: &Port) -> String {
    format!("{}/{}", port.container, port.protocol.as_deref().unwrap_or("tcp"))
}

fn bindings(ports: &[Port]) -> PortMap {
    ports.iter().fold(PortMap::new(), |mut bindings, port| {
        let binding = PortBinding { host_ip: port.address.clone(), host_port: port.host.map(|host| host.to_string()) };
        bindings.entry(exposed(port)).or_default().get_or_insert_default().push(binding);
        bindings
    })
}

fn mount(mount: &Mount) -> Result<bollard::models::Mount, String> {
    let of = |typ, source: Option<&String>, target: &String, read_only| bollard::models::Mount {
        typ: Some(typ),
        source: source.cloned(),
        target: Some(target.clone()),
        read_only: Some(read_only),
        ..Default::default()
    };
    Ok(match mount {
        Mount::Bind(bind) => of(MountType::BIND, Some(&bind.bind), &bind.target, bind.read_only),
        Mount::Volume(volume) => of(MountType::VOLUME, Some(&volume.volume), &volume.target, volume.read_only),
        Mount::Tmpfs(tmpfs) => {
            let options = MountTmpfsOptions { size_bytes: Some(bytes(&tmpfs.tmpfs)?), ..Default::default() };
            let mount = of(MountType::TMPFS, None, &tmpfs.target, false);
            bollard::models::Mount { tmpfs_options: Some(options), ..mount }
        }
    })
}

/// Of `64m` and the like.
fn bytes(size: &str) -> Result<i64, String> {
    let wrong = || format!("`{size}` is no size: it is a number with k, m or g, such as 64m");
    let number = size.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let factor = match size[number.len()..].to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" => 1 << 10,
        "m" => 1 << 20,
        "g" => 1 << 30,
        _ => return Err(wrong()),
    };
    number.parse::<i64>().ok().and_then(|number| number.checked_mul(factor)).ok_or_else(wrong)
}

fn nano_cpus(limits: &Limits) -> Option<i64> {
    // Saturates, and engines refuse more than they have.
    limits.cpus.map(|cpus| (cpus * 1e9) as i64)
}

fn log(log: &Log) -> HostConfigLogConfig {
    let size = log.max_size.clone().map(|size| ("max-size".to_owned(), size));
    let files = log.max_files.map(|files| ("max-file".to_owned(), files.to_string()));
    let driver = log.driver.clone().unwrap_or_else(|| "json-file".to_owned());
    HostConfigLogConfig { typ: Some(driver), config: Some(size.into_iter().chain(files).collect()) }
}

fn restart(restart: &Restart) -> Result<RestartPolicy, String> {
    let wrong = |_| format!("`{}` is no restart policy: no, always, unless-stopped or on-failure", restart.policy);
    let name: RestartPolicyNameEnum = restart.policy.parse().map_err(wrong)?;
    Ok(RestartPolicy { name: Some(name), maximum_retry_count: restart.max_retries })
}

fn health(health: &Health) -> HealthConfig {
    let nanoseconds = |ms: Option<i64>| ms.map(|ms| ms.saturating_mul(1_000_000));
    HealthConfig {
        test: Some(health.command.clone()),
        interval: nanoseconds(health.interval_ms),
        timeout: nanoseconds(health.timeout_ms),
        retries: health.retries,
        start_period: nanoseconds(health.start_period_ms),
        ..Default::default()
    }
}
