//! What a route answers itself: `respond`, `redirect`, `files`.

pub(super) mod content;
mod files;
mod redirect;
mod respond;

pub(super) use files::{coding, files};
pub(super) use redirect::{redirect, redirect_to};
pub(super) use respond::respond;
