//! AWS Signature Version 4, for the services of AWS and those that speak like them.

use super::OutboundError;
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use std::time::SystemTime;

/// What to sign with. Nothing prints the keys.
#[derive(Clone)]
pub struct Signature {
    /// Such as `s3`.
    pub service: String,
    /// Such as `eu-central-1`.
    pub region: String,
    pub access_key: String,
    pub secret_key: String,
}

impl std::fmt::Debug for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signature")
            .field("service", &self.service)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

impl Signature {
    /// Adds the headers of the signature to a request for this URL, as of a time.
    pub(super) fn sign(
        &self,
        request: &mut Request<Full<Bytes>>,
        url: &url::Url,
        body: &[u8],
        at: SystemTime,
    ) -> Result<(), OutboundError> {
        let failed = |reason: String| OutboundError::InvalidRequest(format!("it cannot be signed: {reason}"));
        let identity = Credentials::new(&self.access_key, &self.secret_key, None, None, "windlass").into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(&self.service)
            .time(at)
            .settings(self.settings())
            .build()
            .map_err(|error| failed(error.to_string()))?;
        let mut headers = Vec::new();
        for (name, value) in request.headers() {
            let value = value.to_str().map_err(|_| failed(format!("the header `{name}` is not ASCII")))?;
            headers.push((name.as_str(), value));
        }
        let body = SignableBody::Bytes(body);
        let signable = SignableRequest::new(request.method().as_str(), url.as_str(), headers.into_iter(), body)
            .map_err(|error| failed(error.to_string()))?;
        let signed = sign(signable, &params.into()).map_err(|error| failed(error.to_string()))?;
        signed.into_parts().0.apply_to_request_http1x(request);
        Ok(())
    }

    /// Amazon S3 wants the checksum in a header, and paths as they are.
    fn settings(&self) -> SigningSettings {
        let mut settings = SigningSettings::default();
        if self.service == "s3" {
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        }
        settings
    }
}
