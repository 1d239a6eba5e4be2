//! Work in numbered pieces on several threads.
//!
//! Invariants: pieces are begun in order; what each gives is handed over whole, by one thread at a time, in whatever
//! order they end; after `stop` no new piece is begun and those in work are finished.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Does `work` on the numbers below `pieces`, and hands what each gives to `take` until that gives an error.
///
/// # Errors
/// The first of `take`'s.
pub(super) fn work_through<T: Send, E: Send>(
    pieces: usize,
    threads: usize,
    stop: &AtomicBool,
    work: &(dyn Fn(usize) -> T + Sync),
    take: &mut (dyn FnMut(usize, T) -> Result<(), E> + Send),
) -> Result<(), E> {
    let next = AtomicUsize::new(0);
    let refused: Mutex<(Option<E>, _)> = Mutex::new((None, take));
    let one = || {
        while !stop.load(Ordering::Relaxed) {
            let piece = next.fetch_add(1, Ordering::Relaxed);
            if piece >= pieces {
                return;
            }
            let given = work(piece);
            // A thread that panicked takes the others with it when the scope ends.
            let Ok(mut guard) = refused.lock() else { return };
            let (error, take) = &mut *guard;
            if error.is_some() {
                return;
            }
            if let Err(why) = take(piece, given) {
                *error = Some(why);
                return;
            }
        }
    };
    if threads <= 1 || pieces <= 1 {
        one();
    } else {
        std::thread::scope(|scope| {
            for _ in 0..threads.min(pieces) {
                scope.spawn(one);
            }
        });
    }
    match refused.into_inner() {
        Ok((Some(error), _)) => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_is_done_once_and_an_error_ends_it() {
        let stop = AtomicBool::new(false);
        for threads in [1, 4] {
            let mut seen = vec![0; 100];
            let done = work_through::<_, ()>(100, threads, &stop, &|i| i * 2, &mut |i, twice| {
                assert_eq!(twice, 2 * i);
                seen[i] += 1;
                Ok(())
            });
            assert!(done.is_ok() && seen.iter().all(|&n| n == 1));
            let failed = work_through(100, threads, &stop, &|i| i, &mut |i, _| if i == 5 { Err(i) } else { Ok(()) });
            assert_eq!(failed, Err(5));
        }
        stop.store(true, Ordering::Relaxed);
        assert!(work_through::<_, ()>(10, 2, &stop, &|_| panic!(), &mut |_, ()| Ok(())).is_ok());
    }
}
