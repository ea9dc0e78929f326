//! Requests from everywhere at once.

use super::*;

mod postgres {
    crate::harness::test_on!(a_thousand_requests_are_one_at_a_time, Postgres);
}

/// Requests, from three servers.
const REQUESTS: usize = 1_000;
/// Those that are let run; the others are canceled while they wait.
const RUN: usize = 200;

/// Never are two of them active in their environment: by what the database says, and by what the target saw.
async fn a_thousand_requests_are_one_at_a_time(site: &Site) {
    site.add_target().await.succeeds();
    let first = site.serve().await;
    let (second, third) = (site.serve_beside("ops-2").await, site.serve_beside("ops-3").await);
    let apis = apis(site, &[&first, &second, &third]).await;
    let config = config("echo begin >> \"$HOME/seen\"; echo end >> \"$HOME/seen\"");
    let request = json!({ "config": config, "environment": "production" });
    let created = futures::future::join_all((0..REQUESTS).map(|number| {
        let (api, request) = (&apis[number % apis.len()], &request);
        async move { api.post("/deployments", request).await.ok().json::<Deployment>().summary.number }
    }));
    let mut numbers = created.await;
    numbers.sort_unstable();
    assert!(numbers.into_iter().eq(1..=REQUESTS as u64), "each has its number");

    // From the end of the queue, which is long.
    let canceled = futures::future::join_all((RUN + 1..=REQUESTS).rev().map(|number| {
        let api = &apis[number % apis.len()];
        async move { api.post(&format!("/deployments/shop%23{number}/cancel"), &json!({})).await.ok() }
    }));
    canceled.await;
    let all = all_ended(&apis[0]).await;
    let ran: Vec<_> = all.iter().filter(|deployment| deployment.started_at.is_some()).collect();
    assert_eq!((all.len(), ran.len()), (REQUESTS, RUN));
    assert!(ran.iter().all(|deployment| deployment.status == DeploymentStatus::Succeeded));
    let mut intervals: Vec<_> = ran.iter().map(|one| (one.started_at.unwrap(), one.ended_at.unwrap())).collect();
    intervals.sort_unstable();
    for pair in intervals.windows(2) {
        assert!(pair[0].1 <= pair[1].0, "two were active at once: {pair:?}");
    }
    let seen = std::fs::read_to_string(site.target().home().join("seen")).unwrap();
    let expected = "begin\nend\n".repeat(RUN);
    assert!(seen == expected, "the target saw {} lines, not in order", seen.lines().count());
    for server in [first, second, third] {
        server.stop().await;
    }
}

/// Waits until all have ended, and answers them.
async fn all_ended(api: &Api) -> Vec<DeploymentSummary> {
    let mut stream = Stream::open(api, &format!("shop#{RUN}"), 0).await;
    stream.rest().await;
    let (mut all, mut before) = (Vec::new(), String::new());
    loop {
        let page: DeploymentPage = api.get(&format!("/deployments?limit=200{before}")).await.ok().json();
        all.extend(page.deployments);
        let Some(next) = page.next else { return all };
        before = format!("&before={next}");
    }
}
