//! A body from its beginning.

use std::pin::Pin;
use std::task::{Context, Poll};

use http::Extensions;
use http_body::{Body, Frame, SizeHint};

use super::data::RequestData;
use super::kept::Kept;

/// A body from its beginning, even if part of it was taken before. That part comes first.
#[derive(Debug)]
pub(crate) struct Whole<B> {
    kept: Option<Box<Kept>>,
    rest: B,
}

/// A request extension: the part that was taken from the request's body.
#[derive(Clone, Debug)]
struct Begun(Box<Kept>);

impl<B> Whole<B> {
    pub(crate) fn untouched(body: B) -> Self {
        Self { kept: None, rest: body }
    }

    /// The body of a request. If the request comes from another service that had begun the body, the extensions have
    /// the part that was taken.
    pub(crate) fn of_request(body: B, extensions: &mut Extensions) -> Self {
        Self { kept: extensions.remove().map(|Begun(kept)| kept), rest: body }
    }

    pub(crate) fn is_untouched(&self) -> bool {
        self.kept.is_none()
    }

    /// The rest of the body. The part that was taken is put into the extensions, for another service.
    pub(crate) fn into_request(self, extensions: &mut Extensions) -> B {
        if let Some(kept) = self.kept {
            extensions.insert(Begun(kept));
        }
        self.rest
    }

    /// The body from its beginning, after `taken` was taken from it.
    pub(super) fn after(self, taken: Kept) -> Self {
        if !taken.is_begun() {
            return self;
        }
        let kept = match self.kept {
            Some(rest) => taken.followed_by(*rest),
            None => taken,
        };
        Self { kept: Some(Box::new(kept)), rest: self.rest }
    }
}

impl<B: Body + Unpin> Body for Whole<B> {
    type Data = RequestData<B::Data>;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, B::Error>>> {
        if let Some(kept) = &mut self.kept {
            if let Some(frame) = kept.next() {
                return Poll::Ready(Some(Ok(frame)));
            }
            if kept.is_all() {
                return Poll::Ready(None);
            }
            self.kept = None;
        }
        let frame = Pin::new(&mut self.rest).poll_frame(cx);
        frame.map_ok(|frame| frame.map_data(RequestData::original))
    }

    fn is_end_stream(&self) -> bool {
        match &self.kept {
            Some(kept) => kept.is_empty() && (kept.is_all() || self.rest.is_end_stream()),
            None => self.rest.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        let Some(kept) = &self.kept else { return self.rest.size_hint() };
        let rest = if kept.is_all() { SizeHint::with_exact(0) } else { self.rest.size_hint() };
        let mut hint = SizeHint::default();
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper.saturating_add(kept.bytes()));
        }
        hint.set_lower(rest.lower().saturating_add(kept.bytes()));
        hint
    }
}
