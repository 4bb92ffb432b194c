//! `passes_io_on!`: `AsyncRead` and `AsyncWrite` for what holds a stream.

/// Implements `AsyncRead` and `AsyncWrite` for a type that holds a stream: each call is made on that stream, which the
/// macro `$stream_of` finds.
macro_rules! passes_io_on {
    (impl[$($bounds:tt)*] for $holder:ty, by $stream_of:ident) => {
        impl<$($bounds)*> ::tokio::io::AsyncRead for $holder {
            fn poll_read(
                self: ::std::pin::Pin<&mut Self>,
                cx: &mut ::std::task::Context<'_>,
                buf: &mut ::tokio::io::ReadBuf<'_>,
            ) -> ::std::task::Poll<::std::io::Result<()>> {
                $stream_of!(self.get_mut(), stream => ::std::pin::Pin::new(stream).poll_read(cx, buf))
            }
        }

        impl<$($bounds)*> ::tokio::io::AsyncWrite for $holder {
            fn poll_write(
                self: ::std::pin::Pin<&mut Self>,
                cx: &mut ::std::task::Context<'_>,
                buf: &[u8],
            ) -> ::std::task::Poll<::std::io::Result<usize>> {
                $stream_of!(self.get_mut(), stream => ::std::pin::Pin::new(stream).poll_write(cx, buf))
            }

            fn poll_write_vectored(
                self: ::std::pin::Pin<&mut Self>,
                cx: &mut ::std::task::Context<'_>,
                bufs: &[::std::io::IoSlice<'_>],
            ) -> ::std::task::Poll<::std::io::Result<usize>> {
                $stream_of!(self.get_mut(), stream => ::std::pin::Pin::new(stream).poll_write_vectored(cx, bufs))
            }

            fn is_write_vectored(&self) -> bool {
                $stream_of!(self, stream => stream.is_write_vectored())
            }

            fn poll_flush(
                self: ::std::pin::Pin<&mut Self>,
                cx: &mut ::std::task::Context<'_>,
            ) -> ::std::task::Poll<::std::io::Result<()>> {
                $stream_of!(self.get_mut(), stream => ::std::pin::Pin::new(stream).poll_flush(cx))
            }

            fn poll_shutdown(
                self: ::std::pin::Pin<&mut Self>,
                cx: &mut ::std::task::Context<'_>,
            ) -> ::std::task::Poll<::std::io::Result<()>> {
                $stream_of!(self.get_mut(), stream => ::std::pin::Pin::new(stream).poll_shutdown(cx))
            }
        }
    };
}

pub(super) use passes_io_on;
