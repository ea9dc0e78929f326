use super::RouteHaproxy;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;
use windlass_sdk::ssh::{Output, Repeat};
use windlass_sdk::testing::{Call, Harness};

/// What HAProxy 2.6.12 answers to `show servers state`: one server by address, one by name.
const STATE: &str = "\
1
# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight \
srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state \
bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr \
srv_agent_port
3 be 1 app 127.0.0.1 2 0 1 1 2 1 0 4 0 0 0 0 - 20001 - 0 0 - - 0
4 named 1 app 127.0.0.3 0 0 1 1 2 1 0 4 0 0 0 0 localhost 19003 - 0 0 - - 0

";

/// A harness whose HAProxy keeps what it is told: the answers are those of 2.6.12, word by word.
fn harness(config: Value) -> (Harness, Rc<RefCell<String>>) {
    let state = Rc::new(RefCell::new(STATE.to_owned()));
    let mut harness = Harness::new().target("web-1").config(config);
    let shown = state.clone();
    harness.on_exec(move |request| {
        let asked = request.env.iter().find(|(name, _)| name == "ASK").expect("something is asked").1.to_string();
        let mut answer = String::new();
        if let Some((line, _)) = asked.split_once("; ") {
            let words: Vec<&str> = line.split(' ').collect();
            let ["set", "server", "be/app", "addr", address, "port", port] = words[..] else { panic!("{line}") };
            let changed =
                STATE.replace("app 127.0.0.1", &format!("app {address}")).replace(" 20001 ", &format!(" {port} "));
            shown.replace(changed);
            answer.push_str(&format!("port changed from '20001' to '{port}' by 'stats socket command'\n\n"));
        }
        Ok(Output::ok(answer + &shown.borrow()))
    });
    harness.on_write(|_| Ok(()));
    (harness, state)
}

fn config(more: Value) -> Value {
    let mut config = json!({ "backend": "be", "server": "app", "port": 20002 });
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    config
}

#[test]
fn haproxy_is_told_and_asked_back() {
    let (mut harness, state) = harness(config(json!({ "state_file": "/var/lib/haproxy/servers", "sudo": true })));
    let outputs = harness.run::<RouteHaproxy>().unwrap();
    assert_eq!(outputs, json!({ "upstream": "127.0.0.1:20002", "previous": "127.0.0.1:20001" }));
    assert!(state.borrow().contains("- 20002 -"));
    let calls = [
        "ssh-exec.exec web-1: if command -v perl >/dev/null 2>&1; then …",
        "control.checkpoint {\"address\":\"127.0.0.1\",\"port\":20001}",
        "ssh-exec.exec web-1: if command -v perl >/dev/null 2>&1; then …",
        "files.write web-1: /var/lib/haproxy/servers",
    ];
    assert_eq!(harness.calls(), calls);
    let [Call::Exec(show), _, Call::Exec(set), Call::Write(file)] = harness.effects() else { panic!() };
    assert_eq!((show.repeat, set.repeat), (Repeat::Reads, Repeat::Idempotent));
    assert!(show.sudo && set.sudo && file.sudo);
    let kept = file.contents.to_string();
    assert!(kept.starts_with("1\n# be_id ") && kept.ends_with("- - 0\n"), "{kept}");
    assert!(kept.contains("3 be 1 app 127.0.0.1 2 0 1 1 2 1 0 4 0 0 0 0 - 20002 -"), "{kept}");
}

#[test]
fn undo_sets_what_was_before_the_first_attempt() {
    let (mut harness, state) = harness(config(json!({})));
    harness.run::<RouteHaproxy>().unwrap();
    harness.run::<RouteHaproxy>().unwrap();
    harness.undo::<RouteHaproxy>().unwrap();
    assert_eq!(*state.borrow(), STATE);
}

#[test]
fn a_plan_asks_and_tells_nothing() {
    let (mut harness, state) = harness(config(json!({ "host": "10.0.0.9" })));
    let outputs = harness.plan::<RouteHaproxy>().unwrap();
    assert_eq!(outputs, json!({ "upstream": "10.0.0.9:20002", "previous": "127.0.0.1:20001" }));
    assert_eq!(*state.borrow(), STATE);
}

fn error_of(config: Value) -> windlass_sdk::Error {
    let (mut harness, state) = harness(config);
    let error = harness.run::<RouteHaproxy>().unwrap_err();
    assert_eq!(*state.borrow(), STATE, "nothing was changed");
    error
}

#[test]
fn a_server_that_is_not_there_is_named_with_those_that_are() {
    let error = error_of(config(json!({ "server": "shop" })));
    assert_eq!(error.message, "web-1: HAProxy has no server `be/shop`; it has be/app, named/app");
    assert_eq!(error.code, "no-such-server");
}

#[test]
fn an_address_that_a_restart_would_lose_is_refused() {
    let error = error_of(config(json!({ "host": "10.0.0.9", "state_file": "servers" })));
    assert_eq!(error.code, "address-not-kept");
    assert_eq!(error.hint.unwrap(), "in the backend `be` write `server app localhost:1 init-addr last,libc,none`");
}

#[test]
fn what_could_be_a_second_command_is_refused() {
    for (key, value) in [("backend", "be/app; disable"), ("server", "a b"), ("host", "localhost"), ("socket", "/a b")] {
        let mut harness = Harness::new().target("web-1").config(config(json!({ key: value })));
        let error = harness.run::<RouteHaproxy>().unwrap_err();
        assert!(error.message.contains(value), "{error}");
        assert!(harness.calls().is_empty());
    }
}

#[test]
fn a_socket_without_haproxy_says_what_to_look_at() {
    for (status, code) in [(111, "no-haproxy"), (127, "no-program")] {
        let mut harness = Harness::new().target("web-1").config(config(json!({})));
        harness.next_exec(Ok(Output::failed(status, "/run/haproxy/admin.sock: No such file or directory\n")));
        let error = harness.run::<RouteHaproxy>().unwrap_err();
        assert_eq!((error.code.as_str(), error.hint.is_some()), (code, true), "{error}");
    }
}

#[test]
fn a_socket_without_the_right_is_told_by_what_haproxy_answers() {
    let mut harness = Harness::new().target("web-1").config(config(json!({})));
    harness.next_exec(Ok(Output::ok(STATE)));
    harness.next_exec(Ok(Output::ok(format!("Permission denied\n\n{STATE}"))));
    let error = harness.run::<RouteHaproxy>().unwrap_err();
    let message =
        "HAProxy on web-1 still sends the requests of be/app to 127.0.0.1:20001; it answered: Permission denied";
    assert_eq!(error.message, message);
}
