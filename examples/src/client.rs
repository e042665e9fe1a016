//! How do the examples send a request?

use axum::http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::{Client as Pooled, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use std::error::Error;

/// An HTTP client for one server. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Client {
    base: String,
    pool: Pooled<HttpConnector, Full<axum::body::Bytes>>,
}

impl Client {
    /// A client for the server at `base`, such as `http://127.0.0.1:3000`. Connects with the first request.
    pub fn new(base: impl Into<String>) -> Self {
        Self { base: base.into(), pool: Pooled::builder(TokioExecutor::new()).build_http() }
    }

    /// Gets `path` and reads the answer to its end.
    ///
    /// # Errors
    /// Where the address makes no sense, nobody listens, or the connection ends early.
    pub async fn get(&self, path: &str) -> Result<(StatusCode, String), Box<dyn Error + Send + Sync>> {
        self.send(Method::GET, path, "").await
    }

    /// Posts a form (`product=tea&coupon=WELCOME`) to `path` and reads the answer to its end.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn post(&self, path: &str, form: &str) -> Result<(StatusCode, String), Box<dyn Error + Send + Sync>> {
        self.send(Method::POST, path, form).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        form: &str,
    ) -> Result<(StatusCode, String), Box<dyn Error + Send + Sync>> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::from(form.to_owned()))?;
        let answer = self.pool.request(request).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }
}
