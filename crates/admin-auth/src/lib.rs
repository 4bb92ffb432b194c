#![doc = include_str!("../README.md")]

mod accepted;
mod audit;
mod body;
mod credential;
mod future;
mod gate;
mod layer;
mod rejection;
mod service;
mod throttle;
mod token;

pub use self::accepted::Accepted;
pub use self::body::AdminAuthBody;
pub use self::credential::Credential;
pub use self::future::ResponseFuture;
pub use self::layer::AdminAuthLayer;
pub use self::rejection::{Rejection, RejectionKind};
pub use self::service::AdminAuth;
pub use self::throttle::WrongTries;
pub use self::token::{AdminToken, InvalidToken, NoTokens, TokenSet};
