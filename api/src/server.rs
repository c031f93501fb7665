//! The accept loop: header, idle and write timers, a limit of connections, and a bounded drain. axum's own has none of
//! them.

mod socket;

use std::{pin::pin, sync::Arc, time::Duration};

use axum::Router;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::sync::CancellationToken;
use tower::Service;

use self::socket::Socket;
use crate::{cli::Limits, protection::address::Peer};

/// After a failure to accept, mostly for want of file descriptors, the loop rests.
const REST: Duration = Duration::from_millis(100);

/// Serves connections until `stop` resolves, then tells long answers to end by `stopping`, and lets requests under way
/// end, but not for ever.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    stopping: &CancellationToken,
    stop: impl Future<Output = ()>,
) {
    let connections = Arc::new(Semaphore::new(limits.max_connections as usize));
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.header()).keep_alive(true);
    tokio::pin!(stop);
    loop {
        let accepted = async {
            // The limit is never closed, so that a place is always had in the end.
            let place = Arc::clone(&connections).acquire_owned().await.ok();
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            accepted = accepted => accepted,
            () = &mut stop => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(failure) => {
                tracing::warn!(%failure, "a connection could not be accepted");
                tokio::time::sleep(REST).await;
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        let router = router.clone();
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(Peer(peer.ip()));
            router.clone().call(request)
        });
        let stream = TokioIo::new(Socket::new(stream, limits.write(), place));
        let connection = builder.serve_connection(stream, service).with_upgrades();
        let stopping = stopping.clone();
        tokio::spawn(async move {
            let mut connection = pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = stopping.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            // A connection that its client or a timer ends is no news.
            if let Err(failure) = ended {
                tracing::debug!(%failure, "a connection ended");
            }
        });
    }
    stopping.cancel();
    drop(listener);
    // All are gone when all places are free, those too that have changed their protocol.
    let drained = connections.acquire_many(limits.max_connections);
    if tokio::time::timeout(limits.drain(), drained).await.is_err() {
        tracing::warn!("some requests were still under way when the time to drain was over");
    }
}

/// Listens from now on for the program to be told to stop, by SIGTERM or by Ctrl-C, and resolves when it is. Before, a signal
/// ends the program where it stands.
#[cfg(unix)]
pub fn told_to_stop() -> impl Future<Output = ()> {
    use tokio::signal::unix::{Signal, SignalKind, signal};

    async fn comes(signal: std::io::Result<Signal>) {
        match signal {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    }
    let (terminated, interrupted) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async {
        tokio::select! {
            () = comes(terminated) => {}
            () = comes(interrupted) => {}
        }
    }
}

/// Resolves when the program is told to stop, by Ctrl-C.
#[cfg(not(unix))]
pub async fn told_to_stop() {
    let _ = tokio::signal::ctrl_c().await;
}
