//! What the code rests on in the crates below it: `http`, h2, hyper's upgrades and axum. When a release changes one of these
//! facts, its test says which, and its comment says who has to know.

mod axum;
mod http2;
mod target;
mod upgrade;
