//! AWS Signature Version 4 by its specification, apart from the library that signs.

use super::Asked;
use sha2::{Digest, Sha256};

/// Recomputes a request's signature and compares; answers the headers that are signed.
pub(super) fn verify(asked: &Asked, access_key: &str, secret: &str, region: &str, service: &str) -> Vec<String> {
    let authorization = asked.header("authorization");
    let fields = authorization.strip_prefix("AWS4-HMAC-SHA256 ").expect("the algorithm comes first");
    let field = |name: &str| {
        let field = fields.split(", ").find_map(|field| field.strip_prefix(name)?.strip_prefix('='));
        field.unwrap_or_else(|| panic!("no {name} in {authorization}"))
    };
    let time = asked.header("x-amz-date");
    let scope = format!("{}/{region}/{service}/aws4_request", &time[..8]);
    assert_eq!(field("Credential"), format!("{access_key}/{scope}"));
    let signed = field("SignedHeaders");
    // What is signed is the query as AWS would write it, which reserves more.
    let (path, query) = asked.target.split_once('?').unwrap_or((&asked.target, ""));
    let mut parameters: Vec<&str> = query.split('&').collect();
    parameters.sort_unstable();
    let headers: String = signed.split(';').map(|name| format!("{name}:{}\n", asked.header(name).trim())).collect();
    let body = hex::encode(Sha256::digest(&asked.body));
    let canonical =
        format!("{}\n{path}\n{}\n{headers}\n{signed}\n{body}", asked.method, parameters.join("&").replace('*', "%2A"));
    let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex::encode(Sha256::digest(&canonical)));
    let mut key = hmac(format!("AWS4{secret}").as_bytes(), &time[..8]);
    for part in [region, service, "aws4_request"] {
        key = hmac(&key, part);
    }
    assert_eq!(field("Signature"), hex::encode(hmac(&key, &to_sign)), "{canonical}");
    signed.split(';').map(str::to_owned).collect()
}

/// RFC 2104.
fn hmac(key: &[u8], message: &str) -> Vec<u8> {
    assert!(key.len() <= 64, "a longer key would have to be hashed");
    let pad = |byte: u8| (0..64).map(|i| key.get(i).copied().unwrap_or(0) ^ byte).collect::<Vec<u8>>();
    let inner = Sha256::digest([pad(0x36).as_slice(), message.as_bytes()].concat());
    Sha256::digest([pad(0x5c).as_slice(), &inner].concat()).to_vec()
}

/// The key derivation that AWS documents, with its result.
#[test]
fn the_check_itself_is_right() {
    let mut key = hmac(b"AWS4wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830");
    for part in ["us-east-1", "iam", "aws4_request"] {
        key = hmac(&key, part);
    }
    assert_eq!(hex::encode(key), "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
}
