//! A process group that outlives whoever started it, known by its leader's number, the leader's start
//! and the boot of the machine: a number used again by a stranger is never mistaken for it.

use std::fs;
use std::io;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

/// How often an ending group is looked at.
const LOOK: Duration = Duration::from_millis(20);
/// How long the kernel may take to end what was killed.
const KILLING: Duration = Duration::from_secs(5);

/// A process group. Numbers of processes are only good within one boot of the machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ProcessGroup {
    leader: i32,
    /// Ticks since the boot.
    started: u64,
    boot: Option<String>,
}

impl ProcessGroup {
    /// The group that a process leads which runs now.
    pub(super) fn led_by(leader: u32) -> Option<Self> {
        let leader = i32::try_from(leader).ok()?;
        let stat = Stat::of(leader)?;
        (stat.group == leader).then(|| Self { leader, started: stat.started, boot: boot_id() })
    }

    /// A pid file: `<leader> <start in ticks> [<boot id>]`, as commands and apps on a target leave it.
    pub(super) fn parse(pid_file: &str) -> Option<Self> {
        let mut fields = pid_file.split_whitespace();
        let leader = fields.next()?.parse().ok().filter(|leader| *leader > 1)?;
        let started = fields.next()?.parse().ok()?;
        Some(Self { leader, started, boot: fields.next().map(str::to_owned) })
    }

    /// Whether a process of it still runs.
    pub(super) fn lives(&self) -> bool {
        if self.boot.is_some() && self.boot != boot_id() {
            return false;
        }
        if Stat::of(self.leader).is_some_and(|leader| leader.started != self.started) {
            return false;
        }
        // Without process 1 collecting its children, a zombie leader stays forever.
        processes().any(|stat| stat.group == self.leader && !stat.is_dead)
    }

    /// Ends it at once, without a chance to tidy up.
    pub(super) fn kill(&self) {
        self.signal(Signal::KILL);
    }

    /// Asks it to end, and kills what is left of it after `grace`.
    pub(super) async fn end(&self, grace: Duration) {
        self.signal(Signal::TERM);
        if !self.ends_within(grace).await {
            self.kill();
            self.ends_within(KILLING).await;
        }
    }

    /// Waits until nothing of it runs.
    pub(super) async fn ends_within(&self, time: Duration) -> bool {
        let deadline = Instant::now() + time;
        while self.lives() {
            if Instant::now() >= deadline {
                return false;
            }
            tokio::time::sleep(LOOK).await;
        }
        true
    }

    fn signal(&self, signal: Signal) {
        if let Some(leader) = Pid::from_raw(self.leader).filter(|_| self.lives()) {
            // It may have ended in this moment, which is what was wanted.
            let _ = kill_process_group(leader, signal);
        }
    }
}

/// What `/proc/<pid>/stat` tells, as far as it matters here.
struct Stat {
    group: i32,
    started: u64,
    /// Nothing of it is left but its status.
    is_dead: bool,
}

impl Stat {
    fn of(process: i32) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{process}/stat")).ok()?)
    }

    /// Fields are counted after the command's name, which may hold anything, parentheses too (proc_pid_stat(5)).
    fn parse(stat: &str) -> Option<Self> {
        let (_, fields) = stat.rsplit_once(')')?;
        let fields: Vec<_> = fields.split_whitespace().collect();
        let state = *fields.first()?;
        let threads: u32 = fields.get(17)?.parse().ok()?;
        Some(Self {
            // The first thread of a killed process is a zombie while others still hold its files and locks.
            is_dead: matches!(state, "Z" | "X") && threads <= 1,
            group: fields.get(2)?.parse().ok()?,
            started: fields.get(19)?.parse().ok()?,
        })
    }
}

fn processes() -> impl Iterator<Item = Stat> {
    let entries: io::Result<fs::ReadDir> = fs::read_dir("/proc");
    entries.into_iter().flatten().flatten().filter_map(|entry| Stat::of(entry.file_name().to_str()?.parse().ok()?))
}

fn boot_id() -> Option<String> {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::CommandExt;
    use std::process::{Child, Command, Stdio};

    use super::*;

    fn start(script: &str) -> (Child, ProcessGroup) {
        let mut command = Command::new("sh");
        let child = command.args(["-c", script]).process_group(0).stdout(Stdio::piped()).spawn().unwrap();
        let group = ProcessGroup::led_by(child.id()).unwrap();
        (child, group)
    }

    #[tokio::test]
    async fn a_group_ends_with_all_its_processes() {
        let (mut child, group) = start("sleep 600 & sleep 600");
        assert!(group.lives());
        group.end(Duration::from_secs(20)).await;
        assert!(!group.lives());
        child.wait().unwrap();
    }

    #[tokio::test]
    async fn a_group_that_will_not_end_is_killed() {
        let (mut child, group) = start("trap '' TERM; echo ready; while :; do sleep 600; done");
        let mut ready = [0; 5];
        io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut ready).unwrap();
        group.end(Duration::from_millis(100)).await;
        assert!(!group.lives());
        child.wait().unwrap();
    }

    #[tokio::test]
    async fn a_number_used_again_is_a_stranger() {
        let (mut child, group) = start("sleep 600");
        let earlier = ProcessGroup { started: group.started - 1, ..group.clone() };
        let other_boot = ProcessGroup { boot: Some("another".into()), ..group.clone() };
        assert!(!earlier.lives() && !other_boot.lives());
        earlier.kill();
        other_boot.kill();
        assert!(group.lives());
        group.kill();
        child.wait().unwrap();
    }

    #[test]
    fn pid_files_of_apps_and_commands_are_read() {
        let app = ProcessGroup { leader: 4711, started: 99, boot: Some("b-1".into()) };
        assert_eq!(ProcessGroup::parse("4711 99 b-1\n"), Some(app.clone()));
        assert_eq!(ProcessGroup::parse("4711 99\n"), Some(ProcessGroup { boot: None, ..app }));
        for broken in ["", "x 99", "4711", "0 99", "1 99", "-5 99"] {
            assert_eq!(ProcessGroup::parse(broken), None, "{broken}");
        }
    }

    #[test]
    fn a_command_cannot_hide_behind_its_name() {
        let stat = stat("S", 1);
        assert_eq!((stat.group, stat.started, stat.is_dead), (42, 8888, false));
    }

    #[test]
    fn a_zombie_whose_other_threads_still_end_is_not_dead() {
        assert!(stat("Z", 1).is_dead);
        assert!(!stat("Z", 3).is_dead);
    }

    fn stat(state: &str, threads: u32) -> Stat {
        let line = format!("7 (a) R 1 ) {state} 1 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 {threads} 0 8888 1 1");
        Stat::parse(&line).unwrap()
    }
}
