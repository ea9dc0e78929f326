//! Dynamic updates by RFC 2136, signed with TSIG (RFC 8945), over TCP: one message changes a name and type at
//! once, and its answer's code says exactly what the server made of it.

use super::{DnsError, DnsName, RecordSet, RecordType, TIMEOUT, ZoneServer};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hickory_proto::op::{Message, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::tsig::{TsigAlgorithm as Wire, TsigError};
use hickory_proto::rr::{DNSClass, Record, RecordType as WireType, TSigVerifier, TSigner};
use std::io;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use windlass_api_types::zone::{TsigAlgorithm, ZoneProvider};

/// How far the clocks may differ, in seconds: what RFC 8945 recommends.
const FUDGE: u16 = 300;

/// A zone's primary server, and our key there.
pub(super) struct Rfc2136<'z> {
    zone: &'z DnsName,
    server: &'z str,
    key: &'z str,
    signer: TSigner,
}

impl ZoneServer<'_> {
    pub(super) fn rfc2136(&self) -> Result<Rfc2136<'_>, DnsError> {
        match &self.settings.provider {
            ZoneProvider::Rfc2136 { server, key_name, algorithm } => {
                Rfc2136::new(&self.zone, server, key_name, *algorithm, self.secret)
            }
            _ => Err(self.foreign()),
        }
    }

    /// The zone is another provider's.
    pub(super) fn foreign(&self) -> DnsError {
        let reason = format!("its provider is {}", self.settings.provider.kind());
        DnsError::BadZone { zone: self.zone.to_string(), reason }
    }
}

impl<'z> Rfc2136<'z> {
    pub(super) fn new(
        zone: &'z DnsName,
        server: &'z str,
        key: &'z str,
        algorithm: TsigAlgorithm,
        secret: &str,
    ) -> Result<Self, DnsError> {
        let refused = |reason: String| DnsError::BadZone { zone: zone.to_string(), reason };
        let bytes = STANDARD.decode(secret.trim()).ok().filter(|bytes| !bytes.is_empty());
        let bytes = bytes
            .ok_or_else(|| refused("the secret of a TSIG key is base64, as tsig-keygen or keymgr print it".into()))?;
        let name = DnsName::parse(key)?.wire()?;
        let algorithm = match algorithm {
            TsigAlgorithm::HmacSha256 => Wire::HmacSha256,
            TsigAlgorithm::HmacSha384 => Wire::HmacSha384,
            TsigAlgorithm::HmacSha512 => Wire::HmacSha512,
        };
        let signer = TSigner::new(bytes, algorithm, name, FUDGE).map_err(|error| refused(error.to_string()))?;
        Ok(Self { zone, server, key, signer })
    }

    /// Replaces a name and type at once. A CNAME and other records do not go together: servers would ignore what
    /// is added, so its absence is a condition of the update.
    pub(super) async fn upsert(&self, set: &RecordSet) -> Result<(), DnsError> {
        let name = set.name.wire()?;
        let mut message = self.message()?;
        let excluded: &[WireType] = match set.kind {
            RecordType::Cname => &[WireType::A, WireType::AAAA, WireType::TXT],
            RecordType::A | RecordType::Aaaa | RecordType::Txt => &[WireType::CNAME],
        };
        for kind in excluded {
            let mut absent = Record::update0(name.clone(), 0, *kind).into_record_of_rdata();
            absent.dns_class = DNSClass::NONE;
            message.answers.push(absent);
        }
        message.authorities.push(removal(&set.name, set.kind)?);
        for value in &set.values {
            let data = set.kind.data(value).ok_or_else(|| DnsError::BadRecord {
                name: set.name.to_string(),
                kind: set.kind,
                reason: format!("the value `{value}` cannot be sent"),
            })?;
            message.authorities.push(Record::from_rdata(name.clone(), set.ttl, data));
        }
        match self.send(message).await? {
            ResponseCode::YXRRSet => Err(DnsError::Conflict {
                name: set.name.to_string(),
                kind: set.kind,
                reason: match set.kind {
                    RecordType::Cname => "the name has other records, and cannot be an alias".into(),
                    _ => "the name is an alias (CNAME)".into(),
                },
            }),
            code => self.check(code),
        }
    }

    pub(super) async fn delete(&self, name: &DnsName, kind: RecordType) -> Result<(), DnsError> {
        let mut message = self.message()?;
        message.authorities.push(removal(name, kind)?);
        let code = self.send(message).await?;
        self.check(code)
    }

    /// An update of the zone that changes nothing yet: its conditions are answers, its changes authorities.
    fn message(&self) -> Result<Message, DnsError> {
        let mut message = Message::query();
        message.metadata.op_code = OpCode::Update;
        message.metadata.recursion_desired = false;
        message.add_query(Query::query(self.zone.wire()?, WireType::SOA));
        Ok(message)
    }

    /// Signs and sends an update; answers its code, which is known to be the server's.
    async fn send(&self, mut message: Message) -> Result<ResponseCode, DnsError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let internal =
            |error: hickory_proto::ProtoError| self.answered(format!("nothing: the update cannot be made: {error}"));
        let verifier = message.finalize(&self.signer, now).map_err(internal)?;
        let bytes = message.to_vec().map_err(internal)?;
        let answer = self.exchange(&bytes).await?;
        self.verify(message.metadata.id, &answer, verifier)
    }

    /// The code of an answer. A refusal for the key's sake cannot be signed with it, nor is every other refusal;
    /// that something was done is believed only with a signature.
    fn verify(&self, id: u16, answer: &[u8], verifier: Option<TSigVerifier>) -> Result<ResponseCode, DnsError> {
        let message =
            Message::from_vec(answer).map_err(|error| self.answered(format!("what is no DNS message: {error}")))?;
        if message.metadata.id != id {
            return Err(self.answered("another question".into()));
        }
        let (zone, server, key) = (self.zone.to_string(), self.server.to_owned(), self.key.to_owned());
        match message.signature().and_then(|signature| signature.data.error) {
            Some(TsigError::BadKey) => return Err(DnsError::UnknownKey { zone, server, key }),
            Some(TsigError::BadSig | TsigError::BadTrunc) => return Err(DnsError::WrongKey { zone, server, key }),
            Some(TsigError::BadTime) => return Err(DnsError::Clock { zone, server, fudge: FUDGE }),
            Some(TsigError::Unknown(_)) | None => {}
        }
        let code = message.metadata.response_code;
        let unsigned = |reason: String| DnsError::Unsigned { zone, server, key, reason };
        let verified = match verifier {
            Some(mut verifier) => verifier.verify(answer).map(drop).map_err(|error| unsigned(error.to_string())),
            None => Err(unsigned("there is nothing to compare it with".into())),
        };
        match verified {
            Err(error) if code == ResponseCode::NoError => Err(error),
            _ => Ok(code),
        }
    }

    fn check(&self, code: ResponseCode) -> Result<(), DnsError> {
        let (zone, server, rcode) = (self.zone.to_string(), self.server.to_owned(), super::resolve::mnemonic(code));
        match code {
            ResponseCode::NoError => Ok(()),
            ResponseCode::Refused => Err(DnsError::Refused { zone, server, rcode }),
            ResponseCode::NotAuth | ResponseCode::NotZone | ResponseCode::NotImp => {
                Err(DnsError::NotPrimary { zone, server, rcode })
            }
            _ => Err(self.answered(rcode)),
        }
    }

    async fn exchange(&self, bytes: &[u8]) -> Result<Vec<u8>, DnsError> {
        let addresses = super::addresses(self.server).await.map_err(|error| match error {
            DnsError::ResolverUnreachable { reason, .. } => self.unreachable(reason),
            error => error,
        })?;
        let exchange = tokio::time::timeout(TIMEOUT, exchange(&addresses, bytes)).await;
        let exchange = exchange.map_err(|_| self.unreachable(format!("no answer within {} s", TIMEOUT.as_secs())))?;
        exchange.map_err(|error| self.unreachable(error.to_string()))
    }

    fn unreachable(&self, reason: String) -> DnsError {
        DnsError::Unreachable { zone: self.zone.to_string(), server: self.server.to_owned(), reason }
    }

    fn answered(&self, answer: String) -> DnsError {
        DnsError::Answer { zone: self.zone.to_string(), server: self.server.to_owned(), answer }
    }
}

/// Takes all values of a name and type away.
fn removal(name: &DnsName, kind: RecordType) -> Result<Record, DnsError> {
    let mut removal = Record::update0(name.wire()?, 0, kind.wire()).into_record_of_rdata();
    removal.dns_class = DNSClass::ANY;
    Ok(removal)
}

/// One message there and one back, each behind its length.
async fn exchange(addresses: &[std::net::SocketAddr], message: &[u8]) -> io::Result<Vec<u8>> {
    let length = u16::try_from(message.len()).map_err(|_| io::Error::other("the update is larger than 64 KiB"))?;
    let mut stream = TcpStream::connect(addresses).await?;
    let framed = [&length.to_be_bytes(), message].concat();
    stream.write_all(&framed).await?;
    let mut answer = vec![0; usize::from(stream.read_u16().await?)];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}
