//! Which grants are for which hosts.

use super::*;
use crate::outbound::connect::check_host;
use proptest::prelude::*;

fn granted(grant: &str, url: &str) -> bool {
    check_host(&Endpoint::of(&parse_url(url).unwrap()).unwrap(), &Allowed::new([grant])).is_ok()
}

#[test]
fn a_grant_is_for_its_host_and_port() {
    for (grant, url, expected) in [
        ("hooks.example.com", "https://hooks.example.com/x", true),
        ("hooks.example.com", "http://HOOKS.Example.com./x", true),
        ("Hooks.Example.com", "https://hooks.example.com/x", true),
        ("hooks.example.com", "https://hooks.example.com:8443/", false),
        ("hooks.example.com:8443", "https://hooks.example.com:8443/", true),
        ("hooks.example.com:443", "https://hooks.example.com/", true),
        ("hooks.example.com:443", "http://hooks.example.com/", false),
        ("hooks.example.com", "https://hooks.example.com.evil.example/", false),
        ("hooks.example.com", "https://evil-hooks.example.com/", false),
        ("*.example.com", "https://a.example.com/", true),
        ("*.example.com", "https://a.b.example.com/", true),
        ("*.example.com", "https://example.com/", false),
        ("*.example.com", "https://evilexample.com/", false),
        ("*.example.com:8443", "https://a.example.com/", false),
        ("bücher.example", "https://xn--bcher-kva.example/", true),
        ("127.0.0.1:8080", "http://127.0.0.1:8080/", true),
        ("127.0.0.1:8080", "http://127.0.0.1/", false),
        ("127.0.0.1", "http://localhost/", false),
        ("localhost:8080", "http://localhost:8080/", true),
        ("::1", "http://[::1]/", true),
        ("[::1]:8080", "http://[::1]:8080/", true),
        ("*", "https://example.com/", false),
        ("*.", "https://example.com/", false),
        ("*.com:x", "https://example.com/", false),
        ("", "https://example.com/", false),
        ("https://example.com", "https://example.com/", false),
    ] {
        assert_eq!(granted(grant, url), expected, "{grant} for {url}");
    }
}

#[test]
fn a_grant_that_is_no_host_is_refused() {
    for value in
        ["*", "", "https://example.com", "example.com/x", "example.com:", "example.com:70000", "*.127.0.0.1", "a b"]
    {
        let failure = check_grant(value).unwrap_err();
        assert_eq!(failure.message, format!("`{value}` is no host to grant"));
    }
    for value in ["example.com", "*.example.com:8443", "::1", "[::1]:80", "127.0.0.1:8080", "localhost:3000"] {
        check_grant(value).unwrap();
    }
}

#[test]
fn an_endpoint_is_shown_as_its_grant() {
    for (url, shown) in [
        ("https://Hooks.Example.com/secret", "hooks.example.com"),
        ("http://hooks.example.com:8080/secret", "hooks.example.com:8080"),
        ("http://[::1]/", "::1"),
        ("http://[::1]:8080/", "[::1]:8080"),
        ("http://0x7f.1:8080/", "127.0.0.1:8080"),
    ] {
        assert_eq!(Endpoint::of(&parse_url(url).unwrap()).unwrap().to_string(), shown);
        assert!(granted(shown, url), "{shown} for {url}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn a_pattern_is_for_names_below_it_and_for_nothing_else(
        name in "[ab]{1,3}(\\.[ab]{1,3}){0,3}",
        granted_name in "[ab]{1,3}(\\.[ab]{1,3}){0,3}",
        wildcard in any::<bool>(),
        port in prop_oneof![Just(443u16), Just(8443u16)],
        granted_port in prop_oneof![Just(None), Just(Some(443u16)), Just(Some(8443u16))],
    ) {
        let star = if wildcard { "*." } else { "" };
        let suffix = granted_port.map(|port| format!(":{port}")).unwrap_or_default();
        let grant = format!("{star}{granted_name}{suffix}");
        let labels: Vec<&str> = name.split('.').collect();
        let parent: Vec<&str> = granted_name.split('.').collect();
        let host = match wildcard {
            true => labels.len() > parent.len() && labels.ends_with(&parent),
            false => labels == parent,
        };
        let expected = host && granted_port.unwrap_or(443) == port;
        prop_assert_eq!(granted(&grant, &format!("https://{name}:{port}/")), expected);
    }

    /// Whatever a grant's text is, it never opens what it does not name.
    #[test]
    fn no_text_grants_the_metadata_service(text in "[0-9a-z*.:\\[\\]/@-]{0,24}") {
        prop_assume!(!text.contains("169.254.169.254"));
        let opened = granted(&text, "http://169.254.169.254/latest/meta-data/");
        // Another way to write the same address is the same grant.
        let same = text.rsplit_once(':').map_or(text.as_str(), |(host, _)| host).parse::<u32>() == Ok(0xa9fe_a9fe);
        prop_assert!(!opened || same, "{text}");
    }
}
