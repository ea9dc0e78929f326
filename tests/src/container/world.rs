//! What a deployment of a container needs: machines, a repository behind a git server, a proxy in front.

use crate::harness::{Fleet, Machine, Output, Program, REGISTRY, Site, make_key};
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use windlass_api_types::deployment::Deployment;

/// The name of the app.
pub(crate) const HOST: &str = "shop.test";
/// The domain of its previews.
pub(crate) const PREVIEWS: &str = "preview.test";
/// Caddy, as the template documents it, but for the port and the TLS of a site on the internet.
const CADDYFILE: &str = r#"
{
    admin off
    auto_https off
}
http://shop.test {
    reverse_proxy tcp/{file./srv/shop/upstream}
}
http://*.preview.test {
    @preview file {
        root /srv/shop/previews
        try_files /{host}/*
    }
    handle @preview {
        map {file_match.relative} {preview} {
            ~/([0-9]+)$ "127.0.0.1:${1}"
        }
        reverse_proxy tcp/{preview}
    }
    handle {
        respond "There is no such preview." 404
    }
}
"#;

/// Machines with what their registry has of the internet's, and a git server at `git.test`.
pub(crate) struct World<'s> {
    site: &'s Site,
    pub(crate) fleet: Fleet,
    repository: PathBuf,
    known_hosts: String,
    /// They end with the fleet.
    processes: Vec<Child>,
}

impl<'s> World<'s> {
    /// Answers `None`, and has said why, where it cannot be had.
    pub(crate) async fn new(site: &'s Site, machines: &[&str]) -> Option<Self> {
        let fleet = site.fleet(machines).await?;
        // The base image of a static site, which no registry is asked for.
        fleet.machines()[0].image("busybox:1.37", "exit 1");
        let repository = site.path("repository");
        fs::create_dir(&repository).expect("the site's directory can be written");
        let mut world = Self { site, fleet, repository, known_hosts: String::new(), processes: Vec::new() };
        world.serve_git();
        world.git(&["init", "-q", "-b", "main"]);
        Some(world)
    }

    /// The machine that builds, and has the proxy.
    pub(crate) fn machine(&self) -> &Machine {
        &self.fleet.machines()[0]
    }

    /// An sshd for git, at the address of the world around the machines.
    fn serve_git(&mut self) {
        let directory = self.site.path("git");
        fs::create_dir(&directory).expect("the site's directory can be written");
        for key in ["host_key", "client"] {
            make_key(&directory.join(key));
        }
        let at = directory.display();
        let configuration = format!(
            "ListenAddress 10.77.0.1:22\nHostKey {at}/host_key\nPidFile none\nAuthorizedKeysFile {at}/client.pub\n\
             StrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\n\
             SetEnv PATH=/usr/local/bin:/usr/bin:/bin GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=*\n"
        );
        fs::write(directory.join("sshd_config"), configuration).expect("the site's directory can be written");
        let mut sshd = self.fleet.command("/usr/sbin/sshd");
        sshd.arg("-D").arg("-f").arg(directory.join("sshd_config")).arg("-E").arg(directory.join("log"));
        self.processes.push(sshd.stdin(Stdio::null()).spawn().expect("there is nsenter"));
        let key = fs::read_to_string(directory.join("host_key.pub")).expect("ssh-keygen made it");
        self.known_hosts = format!("git.test {}", key.trim());
    }

    /// Starts the proxy; answers whether this machine has one.
    pub(crate) fn serve_web(&mut self) -> bool {
        let caddy = match Program::Caddy.find() {
            Ok(caddy) => caddy,
            Err(missing) => {
                self.site.skip(&missing);
                return false;
            }
        };
        self.machine().write("/etc/caddy/Caddyfile", CADDYFILE);
        let mut command = self.machine().command(&caddy.display().to_string());
        command.args(["run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]).env("HOME", "/tmp");
        let log = fs::File::create(self.site.path("caddy.log")).expect("the site's directory can be written");
        let process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn();
        self.processes.push(process.expect("there is nsenter"));
        true
    }

    /// Starts a registry on the machine's loopback that wants `ada` and `open sesame`.
    pub(crate) fn serve_closed_registry(&mut self) {
        let machine = self.machine().clone();
        // The password, with bcrypt.
        machine.write("/etc/closed/htpasswd", "ada:$2y$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW\n");
        machine.write(
            "/etc/closed/config.yml",
            "version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: /run/closed\nhttp:\n  addr: 127.0.0.1:5001\n\
             auth:\n  htpasswd:\n    realm: tests\n    path: /etc/closed/htpasswd\n",
        );
        let mut command = machine.command("docker-registry");
        command.args(["serve", "/etc/closed/config.yml"]).stdin(Stdio::null()).stdout(Stdio::null());
        self.processes.push(command.stderr(Stdio::null()).spawn().expect("there is nsenter"));
    }

    /// What the proxy answers under a name: the body, a line feed, and the status.
    pub(crate) fn ask(&self, host: &str) -> String {
        let (resolve, url) = (format!("{host}:80:{}", self.machine().address), format!("http://{host}/"));
        self.fleet.curl(&["--retry", "20", "--retry-connrefused", "--retry-delay", "1", "--resolve", &resolve, &url])
    }

    /// Starts to ask for the app, over and over, from the machine itself.
    pub(crate) fn load(&self) -> Load {
        let machine = self.machine().clone();
        let line = format!(
            "cd /run && rm -f stop answers failed && touch answers failed && until [ -e stop ]; do \
             curl -sS -f -H 'Host: {HOST}' http://127.0.0.1/ >>answers 2>>failed && echo >>answers; done; touch stopped"
        );
        let mut asking = machine.command("sh");
        let asking = asking.args(["-c", &line]).stdin(Stdio::null()).spawn().expect("there is nsenter");
        machine.run("for i in $(seq 100); do [ ! -s /run/answers ] || exit 0; sleep 0.1; done; exit 1");
        Load { machine, asking }
    }

    /// Runs git in the repository.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .arg("-C")
            .arg(&self.repository)
            .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"])
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .expect("there is git");
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Commits files to the repository; answers the hash.
    pub(crate) fn commit(&self, message: &str, files: &[(&str, &str)]) -> String {
        for (name, text) in files {
            fs::write(self.repository.join(name), text).expect("the site's directory can be written");
        }
        self.git(&["add", "--all"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// The path of the repository.
    pub(crate) fn repository(&self) -> String {
        self.repository.display().to_string()
    }

    /// Writes the `windlass.toml`; `options` are more lines of its options.
    pub(crate) async fn configure(&self, options: &str) {
        self.configure_with(options, "").await;
    }

    /// The same with more lines at the end.
    pub(crate) async fn configure_with(&self, options: &str, more: &str) {
        let targets: Vec<_> = self.fleet.machines().iter().map(|machine| machine.name.as_str()).collect();
        let (repository, known_hosts) = (self.repository.display(), &self.known_hosts);
        self.site.write_config(&format!(
            "project = \"shop\"\ntemplate = \"container@1\"\ndomain = \"{HOST}\"\n\n[options]\n\
             repository = \"ssh://root@git.test{repository}\"\nimage = \"{REGISTRY}/shop\"\n\
             ssh_key = {{ secret = \"GIT_KEY\" }}\nknown_hosts = \"{known_hosts}\"\n\
             preview_domain = \"{PREVIEWS}\"\nretained_previews = 2\ndrain_seconds = 0\nstop_seconds = 1\n\
             health = {{ interval_seconds = 1 }}\n{options}\n\
             [environments.production]\ntargets = {{ app = {targets:?} }}\n{more}"
        ));
    }

    /// Stores the key of the git server as a secret, and grants it.
    pub(crate) async fn give_key(&self) {
        self.site.windlass("config push").await.succeeds();
        let key = fs::read_to_string(self.site.path("git/client")).expect("ssh-keygen made it");
        self.site.windlass_reading("secret set shop/production GIT_KEY", &key).await.succeeds();
        self.site.windlass("grant add shop/production secret GIT_KEY --plugin git-checkout").await.succeeds();
    }

    pub(crate) async fn deploy(&self) -> Deployment {
        self.site.windlass("deploy --to production --json").await.json()
    }

    pub(crate) async fn windlass(&self, line: &str) -> Output {
        self.site.windlass(line).await
    }

    /// Names and states of the app's containers on a machine.
    pub(crate) fn containers(&self, machine: &Machine) -> String {
        machine.docker(&["ps", "--all", "--format", "{{.Names}} {{.State}}"])
    }
}

impl Drop for World<'_> {
    fn drop(&mut self) {
        for process in &mut self.processes {
            // An error means that it has ended already.
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// Requests that are made until it is stopped.
pub(crate) struct Load {
    machine: Machine,
    asking: Child,
}

impl Load {
    /// Lets some more requests pass; answers what was answered, and what went wrong.
    pub(crate) fn stop(mut self) -> (String, String) {
        let read = |file: &str| self.machine.run(&format!("cat /run/{file}"));
        let more = "had=$(wc -l </run/answers)
            for i in $(seq 100); do [ $(wc -l </run/answers) -le $((had + 5)) ] || break; sleep 0.1; done";
        self.machine.run(more);
        self.machine.run("touch /run/stop");
        self.asking.wait().expect("it was started");
        (read("answers") + "\n", read("failed"))
    }
}
