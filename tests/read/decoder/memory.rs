//! Counts what a test holds in memory, on its own thread, so that tests can run beside each other.
//!
//! What C code takes for itself is not counted.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
    static CALLS: Cell<u64> = const { Cell::new(0) };
}

/// What some work has needed.
#[derive(Debug)]
pub struct Needed {
    /// The most that was held at one time, in bytes, beyond what was held before.
    pub bytes: usize,
    pub calls: u64,
}

pub fn needed<T>(work: impl FnOnce() -> T) -> (T, Needed) {
    let before = HELD.get();
    MOST.set(before);
    CALLS.set(0);
    let done = work();
    let bytes = usize::try_from(MOST.get() - before).expect("the most is no less than what was there");
    (
        done,
        Needed {
            bytes,
            calls: CALLS.get(),
        },
    )
}

fn count(bytes: isize) {
    // A thread that ends still frees memory when its cells are gone.
    let _ = HELD.try_with(|held| {
        held.set(held.get() + bytes);
        MOST.set(MOST.get().max(held.get()));
        CALLS.set(CALLS.get() + 1);
    });
}

// SAFETY: everything is passed on to the system's allocator, with what it was given.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller keeps the rules of `GlobalAlloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: the caller keeps the rules of `GlobalAlloc`.
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as isize - layout.size() as isize);
        // SAFETY: the caller keeps the rules of `GlobalAlloc`.
        unsafe { System.realloc(place, layout, size) }
    }
}
