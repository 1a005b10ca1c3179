//! Bodies that arrive whole, slowly, or not to the end.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::time::Interval;

use crate::state::InFlight;

/// A response body in pieces.
pub(crate) struct ReplyBody {
    pieces: VecDeque<Bytes>,
    pace: Option<Interval>,
    end: End,
    /// The request stays in flight until the last piece has been handed over.
    in_flight: Option<InFlight>,
}

/// How a body ends.
enum End {
    Whole,
    /// Breaks off after the pieces; they have to be flushed first, which takes one more round.
    BreaksOff {
        flushed: bool,
    },
}

impl ReplyBody {
    pub(crate) fn whole(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let pieces = if bytes.is_empty() { VecDeque::new() } else { VecDeque::from([bytes]) };
        Self { pieces, pace: None, end: End::Whole, in_flight: None }
    }

    /// The connection closes after these bytes. The caller declares the length that never comes.
    pub(crate) fn breaking_off(bytes: impl Into<Bytes>) -> Self {
        Self { end: End::BreaksOff { flushed: false }, ..Self::whole(bytes) }
    }

    /// Byte by byte (a long body in no more than 4,096 pieces), the last one after `total`.
    pub(crate) fn dripping(bytes: &[u8], total: Duration, in_flight: InFlight) -> Self {
        let size = bytes.len().div_ceil(4_096).max(1);
        let count = u32::try_from(bytes.len().div_ceil(size)).unwrap_or(u32::MAX).max(1);
        let pause = (total / count).max(Duration::from_millis(1));
        Self {
            pieces: bytes.chunks(size).map(Bytes::copy_from_slice).collect(),
            pace: Some(tokio::time::interval_at(tokio::time::Instant::now() + pause, pause)),
            end: End::Whole,
            in_flight: Some(in_flight),
        }
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if !self.pieces.is_empty()
            && let Some(pace) = &mut self.pace
        {
            ready!(pace.poll_tick(cx));
        }
        if let Some(piece) = self.pieces.pop_front() {
            if self.pieces.is_empty() {
                self.in_flight = None;
            }
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        match &mut self.end {
            End::Whole => Poll::Ready(None),
            End::BreaksOff { flushed: true } => {
                Poll::Ready(Some(Err(io::Error::other("the script breaks the answer off here"))))
            }
            End::BreaksOff { flushed } => {
                *flushed = true;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty() && matches!(self.end, End::Whole)
    }

    fn size_hint(&self) -> SizeHint {
        match self.end {
            End::Whole => SizeHint::with_exact(self.pieces.iter().map(|piece| piece.len() as u64).sum()),
            End::BreaksOff { .. } => SizeHint::default(),
        }
    }
}
