//! Roles that work hard run on a thread of their own, with a small runtime each, so that folding
//! a large batch never delays an answer.

use std::future::Future;
use std::io;
use std::thread::JoinHandle;

/// Runs the future that `make` makes on a new thread until it ends.
///
/// # Errors
/// Where the thread or its runtime cannot be made.
pub fn spawn<T, F>(
    name: &str,
    make: impl FnOnce() -> F + Send + 'static,
) -> io::Result<JoinHandle<T>>
where
    T: Send + 'static,
    F: Future<Output = T>,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new().name(name.to_owned()).spawn(move || runtime.block_on(make()))
}
