use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

/// Sends under way at the same time, a few: whenever one of them can go on, all are asked.
pub(crate) struct SideBySide<'a> {
    running: Vec<Pin<Box<dyn Future<Output = ()> + 'a>>>,
    most: usize,
}

impl<'a> SideBySide<'a> {
    /// At most so many.
    pub(crate) fn new(most: usize) -> Self {
        Self { running: Vec::with_capacity(most), most: most.max(1) }
    }

    /// Starts one.
    pub(crate) fn start(&mut self, one: impl Future<Output = ()> + 'a) {
        self.running.push(Box::pin(one));
    }

    /// Waits until one more may be started.
    pub(crate) async fn room(&mut self) {
        let most = self.most;
        self.until(|running| running < most).await;
    }

    /// Waits until all are over.
    pub(crate) async fn all(&mut self) {
        self.until(|running| running == 0).await;
    }

    /// Does something else, while they go on.
    pub(crate) async fn beside<T>(&mut self, other: impl Future<Output = T>) -> T {
        let mut other = std::pin::pin!(other);
        poll_fn(|context| {
            self.go_on(context);
            other.as_mut().poll(context)
        })
        .await
    }

    async fn until(&mut self, enough: impl Fn(usize) -> bool) {
        poll_fn(|context| {
            self.go_on(context);
            if enough(self.running.len()) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    fn go_on(&mut self, context: &mut std::task::Context<'_>) {
        self.running.retain_mut(|one| one.as_mut().poll(context).is_pending());
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::task::{Context, Waker};

    use super::*;

    /// Waits to be asked so often.
    async fn steps(count: usize, running: &Cell<usize>, most: &Cell<usize>) {
        running.set(running.get() + 1);
        most.set(most.get().max(running.get()));
        let mut left = count;
        poll_fn(|_| {
            left = left.saturating_sub(1);
            if left == 0 { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        running.set(running.get() - 1);
    }

    #[test]
    fn as_many_as_allowed_are_under_way_and_all_come_to_their_end() {
        let (running, most) = (Cell::new(0), Cell::new(0));
        let all = async {
            let mut sends = SideBySide::new(3);
            for count in [20, 1, 20, 20, 2, 7] {
                sends.room().await;
                sends.start(steps(count, &running, &most));
                sends.beside(steps(2, &Cell::new(0), &Cell::new(0))).await;
            }
            sends.all().await;
        };
        let mut all = std::pin::pin!(all);
        for _ in 0..100 {
            if all.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
                return assert_eq!((running.get(), most.get()), (0, 3));
            }
        }
        panic!("they never end");
    }
}
