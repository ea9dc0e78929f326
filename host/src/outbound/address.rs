//! Which addresses belong to the world, and which to the operator's own network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// IPv4 networks that no request reaches unless an address of theirs is granted by itself.
const OWN_V4: &[([u8; 4], u32)] = &[
    ([0, 0, 0, 0], 8),       // "this network", the unspecified address
    ([10, 0, 0, 0], 8),      // private (RFC 1918)
    ([100, 64, 0, 0], 10),   // carrier-grade NAT (RFC 6598)
    ([127, 0, 0, 0], 8),     // loopback
    ([169, 254, 0, 0], 16),  // link-local, and the metadata of clouds
    ([172, 16, 0, 0], 12),   // private
    ([192, 0, 0, 0], 24),    // protocol assignments (RFC 6890)
    ([192, 0, 2, 0], 24),    // documentation
    ([192, 88, 99, 0], 24),  // 6to4 relays
    ([192, 168, 0, 0], 16),  // private
    ([198, 18, 0, 0], 15),   // benchmarks (RFC 2544)
    ([198, 51, 100, 0], 24), // documentation
    ([203, 0, 113, 0], 24),  // documentation
    ([224, 0, 0, 0], 4),     // multicast
    ([240, 0, 0, 0], 4),     // reserved, broadcast
];

/// The one IPv6 network whose addresses are of the world (RFC 4291) …
const GLOBAL_V6: ([u16; 8], u32) = ([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

/// … but for these parts of it.
const OWN_V6: &[([u16; 8], u32)] = &[
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), // protocol assignments: Teredo, ORCHID, benchmarks
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), // documentation
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), // documentation (RFC 9637)
];

/// IPv6 networks that hold an IPv4 address, and where in the address it begins, in bits.
const EMBEDDING: &[([u16; 8], u32, u32)] = &[
    ([0, 0, 0, 0, 0, 0xffff, 0, 0], 96, 96),    // mapped (RFC 4291)
    ([0, 0, 0, 0, 0, 0, 0, 0], 96, 96),         // compatible (RFC 4291)
    ([0, 0, 0, 0, 0xffff, 0, 0, 0], 96, 96),    // translated (RFC 2765)
    ([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96, 96), // NAT64 (RFC 6052)
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16, 16),    // 6to4 (RFC 3056)
];

/// Whether an address is one of the world: neither loopback nor private, link-local, multicast, reserved, nor
/// one that leads there by holding such an IPv4 address.
pub(super) fn is_global(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_global_v4(address),
        IpAddr::V6(address) => match embedded(address) {
            Some(address) => is_global_v4(address),
            None => in_v6(address, GLOBAL_V6) && !OWN_V6.iter().any(|network| in_v6(address, *network)),
        },
    }
}

fn is_global_v4(address: Ipv4Addr) -> bool {
    let within = |(network, bits): &([u8; 4], u32)| {
        (address.to_bits() ^ Ipv4Addr::from(*network).to_bits()).leading_zeros() >= *bits
    };
    !OWN_V4.iter().any(within)
}

fn in_v6(address: Ipv6Addr, (network, bits): ([u16; 8], u32)) -> bool {
    (address.to_bits() ^ Ipv6Addr::from(network).to_bits()).leading_zeros() >= bits
}

/// The IPv4 address that an IPv6 address stands for.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let (_, _, from) = EMBEDDING.iter().find(|(network, bits, _)| in_v6(address, (*network, *bits)))?;
    #[expect(clippy::cast_possible_truncation, reason = "the 32 bits that are meant")]
    let bits = (address.to_bits() >> (128 - 32 - from)) as u32;
    Some(Ipv4Addr::from_bits(bits))
}
