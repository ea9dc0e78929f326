//! The lines of an effect: counted by stream, so that a command that is found again says none of them twice.

use super::*;
use crate::on_both_databases;
use windlass_api_types::OutputStream::{Stderr, Stdout};

on_both_databases!(
    a_command_that_is_found_again_goes_on_in_the_log,
    a_line_that_was_not_said_before_is_not_left_out,
    what_is_performed_anew_says_so_once,
);

impl Stage {
    async fn begin(&self, position: u64) {
        let function = "test.note".to_owned();
        let arguments = serde_json::Value::Null;
        let body = EventBody::EffectStarted { position, function, policy: RepeatPolicy::Reattachable, arguments };
        self.appender.commit(NewEvent::of_run(self.run, body), Durability::Full).await.unwrap();
    }

    /// The lines of the effect in the log, once they are stored.
    async fn lines(&self) -> Vec<String> {
        self.appender
            .commit(NewEvent::host_line(Some(self.run), Level::Debug, "flush"), Durability::Normal)
            .await
            .unwrap();
        let stored = self.stored().await;
        let of_effect = |event: &&Event| matches!(event.body, EventBody::LogWritten { effect: Some(_), .. });
        stored.iter().filter(of_effect).map(|event| event.message.clone()).collect()
    }

    async fn all_lines(&self) -> Vec<String> {
        let stored = self.stored().await;
        let lines = stored.iter().filter(|event| matches!(event.body, EventBody::LogWritten { .. }));
        lines.map(|event| event.message.clone()).collect()
    }

    fn tee(&self, logged: Logged) -> Tee {
        Tee::new(self.appender.clone(), self.run, 0, logged)
    }
}

async fn a_command_that_is_found_again_goes_on_in_the_log(database: TestDatabase) {
    let stage = Stage::new(database).await;
    stage.begin(0).await;
    let tee = stage.tee(stage.recorded().await.logged(0));
    tee.line(Level::Warning, "waiting").await;
    for (stream, line) in [(Stdout, "a"), (Stderr, "x"), (Stdout, "b")] {
        tee.output(Level::Info, stream, line).await;
    }
    assert_eq!(stage.lines().await, ["waiting", "a", "x", "b"]);
    // The server dies and another one performs the effect again: all that the command said comes once more.
    let logged = stage.recorded().await.logged(0);
    assert_eq!(logged, Logged { stdout: 2, stderr: 1 });
    let tee = stage.tee(logged);
    tee.line(Level::Warning, "waiting").await;
    for (stream, line) in [(Stderr, "x"), (Stderr, "y"), (Stdout, "a"), (Stdout, "b"), (Stdout, "c")] {
        tee.output(Level::Info, stream, line).await;
    }
    assert_eq!(stage.lines().await, ["waiting", "a", "x", "b", "waiting", "y", "c"]);
}

async fn a_line_that_was_not_said_before_is_not_left_out(database: TestDatabase) {
    let stage = Stage::new(database).await;
    stage.begin(0).await;
    stage.tee(Logged::default()).output(Level::Info, Stdout, "a").await;
    assert_eq!(stage.lines().await, ["a"]);
    let answer = windlass_api_types::EffectAnswer::Ok(serde_json::Value::Null);
    let origin = windlass_api_types::AnswerOrigin::Performed;
    let body = EventBody::EffectCompleted { position: 0, answer, origin, took: 1 };
    stage.appender.commit(NewEvent::of_run(stage.run, body), Durability::Normal).await.unwrap();
    stage.begin(1).await;
    let recorded = stage.recorded().await;
    assert_eq!([recorded.logged(0), recorded.logged(1)], [Logged::default(); 2]);
}

async fn what_is_performed_anew_says_so_once(database: TestDatabase) {
    let stage = Stage::new(database).await;
    stage.begin(0).await;
    stage.tee(Logged::default()).line(Level::Info, "pulling").await;
    // Nothing is said of what says nothing.
    drop(stage.tee(Logged::default()).anew());
    let tee = stage.tee(Logged::default()).anew();
    for line in ["pulling", "pulled"] {
        tee.output(Level::Info, Stdout, line).await;
    }
    assert_eq!(stage.lines().await, ["pulling", "pulling", "pulled"]);
    let said = "performed again: the server ended before it had the answer";
    assert_eq!(stage.all_lines().await, ["pulling", said, "pulling", "pulled", "flush"]);
}
