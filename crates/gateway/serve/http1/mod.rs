//! HTTP/1 connections.

#[cfg_attr(not(test), expect(dead_code, reason = "the connection that offers upgrades isn't written yet"))]
mod upgrade;
