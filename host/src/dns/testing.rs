//! Real DNS servers for tests: each on free loopback ports, in a directory of its own, and surely stopped.

mod process;

use super::{DnsName, Found, RecordType};
use process::Process;
use std::path::Path;
use std::time::Duration;

/// The zone that every server has.
pub const ZONE: &str = "example.test";
/// The key that may change it, and its secret.
pub const KEY: &str = "windlass";
pub const SECRET: &str = "AcMtYcsqfKjLOV4Rhzw1bwkvLYrvPlA4z4sdXJWtDj0=";
/// A key that the server knows, and that may change nothing.
pub const READER: &str = "reader";
/// A secret that no server knows.
pub const WRONG_SECRET: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
/// PowerDNS' key.
pub const API_KEY: &str = "powerdns-api-key";

/// Of the zone at its start; `www` has an address already.
const ZONE_FILE: &str = "\
$ORIGIN example.test.
$TTL 300
@ IN SOA ns1.example.test. hostmaster.example.test. 1 3600 600 86400 60
@ IN NS ns1.example.test.
ns1 IN A 127.0.0.1
www IN A 192.0.2.1
alias IN CNAME www.example.test.
";

/// A running server.
pub struct DnsServer {
    /// Where it answers DNS.
    pub address: String,
    /// Where its HTTP interface is, for PowerDNS.
    pub api: String,
    process: Process,
}

impl DnsServer {
    /// Knot DNS, or why there is none.
    pub fn knot() -> Result<Self, String> {
        Self::start("knotd", &["-c", "DIR/knot.conf"], |directory, ports| {
            std::fs::create_dir(directory.join("db"))?;
            let directory_text = directory.display();
            let conf = format!(
                "server:\n  listen: 127.0.0.1@{port}\n  rundir: {directory_text}\n\
                 database:\n  storage: {directory_text}/db\n\
                 log:\n  - target: stderr\n    any: info\n\
                 key:\n  - id: {KEY}\n    algorithm: hmac-sha256\n    secret: {SECRET}\n\
                 \x20 - id: {READER}\n    algorithm: hmac-sha256\n    secret: {SECRET}\n\
                 acl:\n  - id: update\n    key: {KEY}\n    action: update\n\
                 zone:\n  - domain: {ZONE}\n    storage: {directory_text}\n    file: zone\n    acl: update\n\
                 \x20   zonefile-sync: -1\n    zonefile-load: whole\n    journal-content: none\n",
                port = ports[0],
            );
            std::fs::write(directory.join("knot.conf"), conf)
        })
    }

    /// BIND, or why there is none.
    pub fn bind() -> Result<Self, String> {
        Self::start("named", &["-c", "DIR/named.conf", "-g", "-4"], |directory, ports| {
            let (directory_text, port) = (directory.display(), ports[0]);
            let key = |name: &str| format!("key {name} {{ algorithm hmac-sha256; secret \"{SECRET}\"; }};\n");
            let conf = format!(
                "{}{}options {{ directory \"{directory_text}\"; listen-on port {port} {{ 127.0.0.1; }};\n\
                 listen-on-v6 {{ none; }}; pid-file none; session-keyfile none; lock-file none;\n\
                 recursion no; dnssec-validation no; allow-transfer {{ none; }}; }};\n\
                 controls {{ }};\n\
                 zone \"{ZONE}\" {{ type primary; file \"{directory_text}/zone\";\n\
                 update-policy {{ grant {KEY} zonesub ANY; }}; }};\n",
                key(KEY),
                key(READER),
            );
            std::fs::write(directory.join("named.conf"), conf)
        })
    }

    /// PowerDNS with its HTTP interface, or why there is none.
    pub fn powerdns() -> Result<Self, String> {
        Self::start("pdns_server", &["--config-dir=DIR"], |directory, ports| {
            let directory_text = directory.display();
            let conf = format!(
                "daemon=no\nguardian=no\nsocket-dir={directory_text}\nlocal-address=127.0.0.1\nlocal-port={}\n\
                 launch=gsqlite3\ngsqlite3-database={directory_text}/pdns.db\n\
                 api=yes\napi-key={API_KEY}\nwebserver=yes\nwebserver-address=127.0.0.1\nwebserver-port={}\n\
                 webserver-allow-from=127.0.0.1\ncache-ttl=0\nquery-cache-ttl=0\nnegquery-cache-ttl=0\n\
                 zone-cache-refresh-interval=0\nsecurity-poll-suffix=\n",
                ports[0], ports[1],
            );
            std::fs::write(directory.join("pdns.conf"), conf)?;
            process::powerdns_database(directory, ZONE)
        })
    }

    fn start(
        program: &str,
        arguments: &[&str],
        configure: impl Fn(&Path, [u16; 2]) -> std::io::Result<()>,
    ) -> Result<Self, String> {
        let configured = |directory: &Path, ports| {
            std::fs::write(directory.join("zone"), ZONE_FILE)?;
            configure(directory, ports)
        };
        let (process, ports) = Process::start(program, arguments, configured)?;
        let [dns, api] = ports;
        Ok(Self { address: format!("127.0.0.1:{dns}"), api: format!("http://127.0.0.1:{api}"), process })
    }

    /// Waits until it answers for its zone.
    pub async fn ready(self) -> Self {
        let name = DnsName::parse(&format!("www.{ZONE}")).expect("a name");
        for _ in 0..200 {
            match super::lookup(&self.address, &name, RecordType::A).await {
                Ok(found) if found.values == ["192.0.2.1"] => return self,
                _ => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
        panic!("the server does not answer: {}", self.process.log());
    }

    /// What the server itself says of a name, asked past everything of ours but the resolver.
    pub async fn says(&self, name: &str, kind: RecordType) -> Found {
        let name = DnsName::parse(name).expect("a name");
        super::lookup(&self.address, &name, kind).await.expect("the server answers")
    }
}
