//! Signing in and API tokens.

use super::{Client, ClientError};
use reqwest::{Method, header};
use windlass_api_types::TokenId;
use windlass_api_types::user::{CreateToken, CreatedToken, Me, SignIn, SignInLink, Token};

/// The cookie that a browser would hold.
const COOKIE: &str = "windlass_session";
/// Without it, a change by cookie is refused: a foreign page cannot send it.
const CHANGE_HEADER: &str = "x-windlass";

/// A browser-like session, for as long as it takes to make a token.
pub struct Session {
    client: Client,
    cookie: String,
}

impl Client {
    /// Who the token, or the socket, makes the caller.
    pub async fn me(&self) -> Result<Me, ClientError> {
        self.get(&["session"], &[]).await
    }

    /// Ends the token that the client has.
    pub async fn sign_out(&self) -> Result<(), ClientError> {
        self.delete(&["session"]).await
    }

    /// Exchanges the secret of a one-time sign-in link; it works once.
    pub async fn sign_in(&self, secret: &str) -> Result<Session, ClientError> {
        let request = self.request(Method::POST, self.url(&["session"], &[])).json(&SignIn { secret: secret.into() });
        let response = self.answer(request).await?;
        let cookie = response
            .headers()
            .get_all(header::SET_COOKIE)
            .iter()
            .filter_map(|value| session_cookie(value.to_str().ok()?))
            .next()
            .ok_or_else(|| ClientError::Malformed { place: self.place.clone(), reason: "no session in it".into() })?;
        Ok(Session { client: self.clone(), cookie })
    }

    /// A new one-time link that signs a browser in as the caller.
    pub async fn create_sign_in_link(&self) -> Result<SignInLink, ClientError> {
        self.send(Method::POST, &["session", "links"], &serde_json::json!({})).await
    }

    /// All tokens of the caller, without their secrets.
    pub async fn tokens(&self) -> Result<Vec<Token>, ClientError> {
        self.get(&["tokens"], &[]).await
    }

    /// Makes a token; its secret is in the answer and never shown again.
    pub async fn create_token(&self, request: &CreateToken) -> Result<CreatedToken, ClientError> {
        self.send(Method::POST, &["tokens"], request).await
    }

    /// Ends a token.
    pub async fn revoke_token(&self, id: TokenId) -> Result<(), ClientError> {
        self.delete(&["tokens", &id.to_string()]).await
    }
}

impl Session {
    /// Makes a token for later calls and ends the session.
    pub async fn exchange(self, request: &CreateToken) -> Result<CreatedToken, ClientError> {
        let created = self.client.json(self.request(Method::POST, "tokens").json(request)).await?;
        self.client.answer(self.request(Method::DELETE, "session")).await?;
        Ok(created)
    }

    fn request(&self, method: Method, segment: &str) -> reqwest::RequestBuilder {
        self.client
            .request(method, self.client.url(&[segment], &[]))
            .header(header::COOKIE, format!("{COOKIE}={}", self.cookie))
            .header(CHANGE_HEADER, "1")
    }
}

/// The session's value in a `Set-Cookie` header.
fn session_cookie(header: &str) -> Option<String> {
    let (name, value) = header.split(';').next()?.split_once('=')?;
    (name.trim() == COOKIE && !value.is_empty()).then(|| value.trim().to_owned())
}
