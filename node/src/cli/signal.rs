//! When the system asks the program to end.

/// Returns when the process is asked to end: SIGINT or SIGTERM, on Windows Ctrl+C, Ctrl+Break or the closed console.
///
/// # Errors
/// The system refuses to tell.
#[cfg(unix)]
pub(super) async fn asked_to_end() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
    }
}

/// Returns when the process is asked to end: SIGINT or SIGTERM, on Windows Ctrl+C, Ctrl+Break or the closed console.
///
/// # Errors
/// The system refuses to tell.
#[cfg(windows)]
pub(super) async fn asked_to_end() -> std::io::Result<()> {
    use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close};

    let (mut c, mut brk, mut close) = (ctrl_c()?, ctrl_break()?, ctrl_close()?);
    tokio::select! {
        _ = c.recv() => Ok(()),
        _ = brk.recv() => Ok(()),
        _ = close.recv() => Ok(()),
    }
}
