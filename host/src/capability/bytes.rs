//! Bytes in the journal: text where they are UTF-8, base64 elsewhere.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Bytes that read well in JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bytes(pub(super) Vec<u8>);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Form {
    Text(String),
    Binary { base64: String },
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let form = match std::str::from_utf8(&self.0) {
            Ok(text) => Form::Text(text.into()),
            Err(_) => Form::Binary { base64: STANDARD.encode(&self.0) },
        };
        form.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Form::deserialize(deserializer)? {
            Form::Text(text) => Ok(Self(text.into_bytes())),
            Form::Binary { base64 } => STANDARD.decode(base64).map(Self).map_err(D::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Bytes;

    fn round_trip(bytes: &[u8], json: &str) {
        let written = serde_json::to_string(&Bytes(bytes.to_vec())).unwrap();
        assert_eq!(written, json);
        assert_eq!(serde_json::from_str::<Bytes>(&written).unwrap().0, bytes);
    }

    #[test]
    fn text_stays_text() {
        round_trip("grüße\n".as_bytes(), r#""grüße\n""#);
    }

    #[test]
    fn binary_is_base64() {
        round_trip(&[0xff, 0x00, 0xfe], r#"{"base64":"/wD+"}"#);
    }
}
