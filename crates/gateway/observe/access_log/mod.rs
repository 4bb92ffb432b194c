//! The access log: one line for each request, written when its answer has ended.
//!
//! - `choice`: which requests are logged; `condition`, `sample`: by what they are like, and by chance.
//! - `event`: the line as a tracing event, which is the usual way. `own`: a line with a form or a destination of its
//!   own, made by `fields` or by `template`.
//! - `value`, `shown`: what a field's value is, and how it looks.
//! - `wants`: which headers have to be kept for that.

mod choice;
mod condition;
mod event;
mod fields;
mod lines;
mod own;
mod sample;
mod shown;
mod template;
mod value;
mod wants;

pub(crate) use self::lines::AccessLog;
pub(crate) use self::wants::Wants;

#[cfg(test)]
mod tests;
