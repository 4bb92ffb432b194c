//! `files`: the files below a directory, by tower-http's `ServeDir`.

mod asked;
mod backend;
mod body;
mod path;
mod range;
mod slash;

use std::borrow::Cow;
use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::BoxError;
use axum::body::Body;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_LENGTH, VARY};
use axum::http::{HeaderValue, Method, Request, Response, StatusCode, Uri};
use bytes::Bytes;
use http_body::Body as _;
use tower::{Service, ServiceExt};
use tower_http::services::ServeDir;
use tower_http::services::fs::DefaultServeDirFallback;

use self::asked::Asked;
use self::backend::Below;
use self::body::OfLength;
use super::plain::{in_one_line, plain};
use crate::config::{Coding, Files};
use crate::route::Answering;

/// Answers with the files below a directory: GET and HEAD, with validators, one range, and files that were compressed
/// before.
///
/// No path leads out of the directory, to a file whose name begins with a dot (but for `/.well-known`), or to anything
/// that is no file. tower-http does the rest. Files are read by tokio's threads for blocking work.
///
/// ```no_run
/// use gateway::config::Files;
/// use gateway::route::answers::FilesService;
///
/// let app = axum::Router::new().fallback_service(FilesService::new(&Files::below("/srv/www")));
/// # let _: axum::Router = app;
/// ```
#[derive(Clone, Debug)]
pub struct FilesService {
    directory: ServeDir<DefaultServeDirFallback, Below>,
    fallback: Option<Uri>,
    forms: Forms,
}

/// In how many forms each file may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Forms {
    One,
    /// By what the client accepts.
    Several,
}

impl FilesService {
    /// Answers with the files of this directory. They are looked for at each request.
    pub fn new(files: &Files) -> Self {
        let Files { root, index, html, precompressed, fallback, symlinks } = files;
        let backend = Below { root: Arc::from(root.as_path()), symlinks: *symlinks };
        let directory = ServeDir::with_backend(root, backend)
            .append_index_html_on_directories(*index)
            .html_as_default_extension(*html)
            .ignore_multi_range_requests(true);
        let directory = precompressed.iter().fold(directory, |directory, coding| match coding {
            Coding::Gzip => directory.precompressed_gzip(),
            Coding::Brotli => directory.precompressed_br(),
            Coding::Zstd => directory.precompressed_zstd(),
        });
        let forms = if precompressed.is_empty() { Forms::One } else { Forms::Several };
        Self { directory, fallback: fallback.as_deref().and_then(|path| path.parse().ok()), forms }
    }

    async fn answer(self, asked: Asked) -> Response<Body> {
        if !path::may_be_served(asked.uri.path()) {
            return plain(StatusCode::NOT_FOUND);
        }
        if asked.is_without_slash()
            && let Some(location) = slash::added(&asked)
        {
            return slash::redirect(location);
        }
        let mut response = self.file(&asked).await;
        if let (StatusCode::NOT_FOUND, Some(fallback)) = (response.status(), &self.fallback) {
            response = self.file(&asked.at(fallback.clone())).await;
        }
        if response.status() == StatusCode::NOT_MODIFIED && self.forms == Forms::Several {
            response.headers_mut().insert(VARY, HeaderValue::from_name(ACCEPT_ENCODING));
        }
        let (status, has_no_body) = (response.status(), response.body().is_end_stream());
        let failed = status.is_client_error() || status.is_server_error();
        if failed && has_no_body { in_one_line(response) } else { response }
    }

    /// What tower-http answers, with its mistakes mended.
    async fn file(&self, asked: &Asked) -> Response<Body> {
        let mut response = self.of_directory(asked).await;
        let mut asked = Cow::Borrowed(asked);
        if response.status() == StatusCode::TEMPORARY_REDIRECT {
            if let Some(location) = slash::added(&asked) {
                return slash::redirect(location);
            }
            asked = Cow::Owned(asked.at(slash::below(&asked.uri)));
            response = self.of_directory(&asked).await;
        }
        match range::is_out_of_date(&asked, &response) {
            true => self.of_directory(&asked.whole()).await,
            false => response,
        }
    }

    async fn of_directory(&self, asked: &Asked) -> Response<Body> {
        match self.directory.clone().oneshot(asked.request()).await {
            Ok(response) => of_its_length(response, &asked.method),
            Err(never) => match never {},
        }
    }
}

/// Says how long the body is. tower-http only says it in the head.
fn of_its_length<B>(response: Response<B>, method: &Method) -> Response<Body>
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    let length = response.headers().get(CONTENT_LENGTH).filter(|_| method != Method::HEAD);
    match length.and_then(|length| length.to_str().ok()?.parse().ok()) {
        Some(length) => response.map(|body| Body::new(OfLength::new(body, length))),
        None => response.map(Body::new),
    }
}

impl<B> Service<Request<B>> for FilesService {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Answering {
        let (this, asked) = (self.clone(), Asked::by(request));
        Box::pin(async move { Ok(this.answer(asked).await) })
    }
}

#[cfg(test)]
mod tests;
