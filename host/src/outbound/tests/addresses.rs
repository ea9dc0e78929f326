//! No form of an address of the operator's own network passes for one of the world.

use super::*;
use crate::outbound::address::is_global;
use crate::outbound::connect::{check_addresses, check_host};
use proptest::prelude::*;
use std::net::{Ipv4Addr, Ipv6Addr};

#[test]
fn the_worlds_addresses_are_global() {
    for address in ["1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.32.0.1", "2606:4700::1111", "2a00::1"] {
        assert!(is_global(address.parse().unwrap()), "{address}");
    }
}

#[test]
fn the_operators_own_are_not() {
    let own = "0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 172.31.255.255 \
        192.0.0.192 192.168.1.1 198.18.0.1 224.0.0.1 255.255.255.255 :: ::1 fc00::1 fd00:ec2::254 fe80::1 fec0::1 \
        ff02::1 ::ffff:127.0.0.1 ::ffff:a9fe:a9fe ::127.0.0.1 ::ffff:0:10.0.0.1 64:ff9b::a00:1 64:ff9b:1::1 \
        2002:7f00:1:: 2002:a9fe:a9fe::1 2001:0:1:: 2001:db8::1 100::1 5f00::1 4000::1";
    for address in own.split_whitespace() {
        assert!(!is_global(address.parse().unwrap()), "{address}");
    }
}

/// What std and the documents say, independently of the table.
fn own_v4(address: Ipv4Addr) -> bool {
    let [a, b, ..] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation()
        || a == 0
        || (a == 100 && (64..128).contains(&b))
}

fn own(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => own_v4(address),
        IpAddr::V6(address) => {
            let unusual = address.is_unicast_link_local() || address.is_unique_local() || address.is_multicast();
            unusual || address.is_loopback() || address.is_unspecified() || address.to_ipv4().is_some_and(own_v4)
        }
    }
}

/// Half of them own.
fn v4() -> impl Strategy<Value = Ipv4Addr> {
    let first = prop_oneof![Just(127u8), Just(10), Just(169), Just(172), Just(192), Just(100), Just(0), any::<u8>()];
    let second = prop_oneof![Just(0u8), Just(254), Just(16), Just(31), Just(168), Just(64), any::<u8>()];
    (first, second, any::<u8>(), any::<u8>()).prop_map(|(a, b, c, d)| Ipv4Addr::new(a, b, c, d))
}

fn any_address() -> impl Strategy<Value = IpAddr> {
    let v6 = prop_oneof![
        any::<u128>().prop_map(Ipv6Addr::from),
        v4().prop_map(|address| address.to_ipv6_mapped()),
        any::<u16>().prop_map(|low| Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, low)),
        any::<u16>().prop_map(|low| Ipv6Addr::new(0x2606, 0x4700, 0, 0, 0, 0, 0, low)),
        Just(Ipv6Addr::LOCALHOST),
    ];
    prop_oneof![v4().prop_map(IpAddr::V4), v6.prop_map(IpAddr::V6)]
}

/// An IPv4 address in one of the many ways that URLs may write it.
fn written(address: Ipv4Addr, form: u8) -> String {
    let bits = address.to_bits();
    let [a, b, c, d] = address.octets();
    let (high, low) = (bits >> 16, bits & 0xffff);
    match form % 14 {
        0 => address.to_string(),
        1 => bits.to_string(),
        2 => format!("0x{bits:x}"),
        3 => format!("0{bits:o}"),
        4 => format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
        5 => format!("0x{a:X}.{b}.0{c:o}.{d}"),
        6 => format!("{a}.{}", bits & 0x00ff_ffff),
        7 => format!("{a}.{b}.{low}"),
        8 => format!("{address}."),
        9 => format!("[::ffff:{address}]"),
        10 => format!("[::ffff:{high:x}:{low:x}]"),
        11 => format!("[::{high:x}:{low:x}]"),
        12 => format!("[64:ff9b::{high:x}:{low:x}]"),
        // Full-width digits, which names are folded from.
        _ => {
            let wide = |c: char| c.to_digit(10).and_then(|digit| char::from_u32(0xff10 + digit)).unwrap_or(c);
            address.to_string().chars().map(wide).collect()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn no_own_address_is_global_whatever_it_wears(address in v4()) {
        let [a, b, c, d] = address.octets();
        let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        let clothes = [
            IpAddr::V4(address),
            address.to_ipv6_mapped().into(),
            Ipv6Addr::new(0, 0, 0, 0, 0, 0, high, low).into(),
            Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low).into(),
            Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1).into(),
        ];
        for dressed in clothes {
            prop_assert!(!(own_v4(address) && is_global(dressed)), "{}", dressed);
        }
    }

    /// A URL with an own address in it is refused, unless that very address is granted.
    #[test]
    fn every_way_to_write_an_address_is_that_address(address in v4(), form in any::<u8>(), port in 1u16..) {
        let text = format!("http://{}:{port}/", written(address, form));
        // What is no URL is sent nowhere.
        if let Ok(url) = parse_url(&text) {
            let endpoint = Endpoint::of(&url).unwrap();
            let names = Allowed::new(["*.example.com", "localhost", "1.1.1.1", "*.1", "hooks.example.com"]);
            let granted = port == 80 && address == Ipv4Addr::new(1, 1, 1, 1);
            prop_assert!(granted || check_host(&endpoint, &names).is_err(), "{text}");
            let literal = endpoint.address().expect("an address, and no name, was written");
            prop_assert!(check_addresses(&endpoint, &[literal], &names).is_err() || !own_v4(address), "{text}");
            let own = format!("{address}:{port}");
            let itself = Allowed::new([own.as_str()]);
            let same = literal.to_canonical() == IpAddr::V4(address);
            prop_assert_eq!(check_host(&endpoint, &itself).is_ok(), same, "{}", text);
        }
    }

    /// A name's addresses pass only if each is one of the world or granted by itself with its port.
    #[test]
    fn of_a_names_addresses_all_or_none_pass(
        found in prop::collection::vec(any_address(), 1..5),
        granted in prop::collection::vec((any_address(), any::<bool>()), 0..4),
        grant_found in any::<bool>(),
        port in prop_oneof![Just(443u16), 1u16..],
    ) {
        let url = parse_url(&format!("https://hooks.example.com:{port}/")).unwrap();
        let endpoint = Endpoint::of(&url).unwrap();
        let mut values: Vec<String> = granted.iter().map(|(address, right)| {
            let port = if *right { port } else { port ^ 1 };
            match address { IpAddr::V4(v4) => format!("{v4}:{port}"), IpAddr::V6(v6) => format!("[{v6}]:{port}") }
        }).collect();
        if grant_found {
            values.push(match found[0] { IpAddr::V4(v4) => format!("{v4}:{port}"), IpAddr::V6(v6) => format!("[{v6}]:{port}") });
        }
        let allowed = Allowed::new(values.iter().map(String::as_str));
        let itself = |address: &IpAddr| {
            let listed = |(granted, right): &(IpAddr, bool)| *right && granted.to_canonical() == address.to_canonical();
            granted.iter().any(listed) || (grant_found && found[0].to_canonical() == address.to_canonical())
        };
        match check_addresses(&endpoint, &found, &allowed) {
            Ok(passed) => {
                prop_assert_eq!(passed.iter().map(std::net::SocketAddr::ip).collect::<Vec<_>>(), found.clone());
                prop_assert!(passed.iter().all(|address| address.port() == port));
                prop_assert!(found.iter().all(|address| !own(*address) || itself(address)), "{:?}", found);
            }
            Err(_) => prop_assert!(found.iter().any(|address| !is_global(*address) && !itself(address))),
        }
    }
}

#[tokio::test]
async fn a_name_that_leads_home_is_refused_and_nothing_is_connected_to() {
    let site = Site::start(|_| site::answer(200, "inside")).await;
    let url = format!("http://hooks.example.com:{}/", site.port);
    let grant = format!("hooks.example.com:{}", site.port);
    for mixed in [&["127.0.0.1"][..], &["93.184.215.14", "127.0.0.1"], &["::ffff:127.0.0.1"]] {
        let (outbound, asked) = resolving(mixed);
        let error = outbound.send(&get(&url), &Allowed::new([grant.as_str()]), &CancellationToken::new()).await;
        let address: IpAddr = mixed.last().unwrap().parse().unwrap();
        let what = format!("hooks.example.com:{} is {address}, an address of the server's own network", site.port);
        assert_eq!(error.unwrap_err().to_string(), what);
        assert_eq!(asked.load(std::sync::atomic::Ordering::SeqCst), 1);
    }
    assert!(site.seen().is_empty());
    // Granted by itself it is connected to, after one lookup.
    let (outbound, asked) = resolving(&["127.0.0.1"]);
    let itself = site.grant();
    let allowed = Allowed::new([grant.as_str(), itself.as_str()]);
    let answer = outbound.send(&get(&url), &allowed, &CancellationToken::new()).await.unwrap();
    assert_eq!(answer.body, b"inside");
    assert_eq!(asked.load(std::sync::atomic::Ordering::SeqCst), 1);
    assert_eq!(site.seen()[0].headers["host"], format!("hooks.example.com:{}", site.port));
}
