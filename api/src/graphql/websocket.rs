//! GraphQL over WebSocket: the protocol `graphql-transport-ws`, with its close codes.
//!
//! Two halves share a connection. One listens, starts operations (`operations.rs`) and says when it is over; the other
//! writes what waits in one short queue. An operation that finds the queue full waits with the one result that it has, so
//! that a slow reader costs no more than that; a message that does not get through in time ends the connection, and the
//! client is told to resume. It is given half of the time after which the socket itself gives up, which leaves the other
//! half to tell it.

mod message;
mod operations;
#[cfg(test)]
mod tests;

use std::{pin::pin, sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    extract::{
        FromRequestParts,
        ws::{CloseFrame, Message as Frame, WebSocketUpgrade},
    },
    http::{HeaderMap, header, request::Parts},
    response::Response,
};
use exchange::{Caller, Error, ProblemCode};
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use serde_json::json;
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval_at, sleep, timeout},
};
use tokio_tungstenite::tungstenite;
use tokio_util::sync::CancellationToken;

use self::{
    message::{Farewell, LONGEST_MESSAGE, Message},
    operations::{Operations, Outgoing},
};
use super::operation::{Host, run};
use crate::{application::Application, cli::Limits, failure::Failure, metrics::Open, stream::end};

const PROTOCOL: &str = "graphql-transport-ws";

/// Within this time a client says `connection_init`.
const INITIALISATION: Duration = Duration::from_secs(10);

/// How often a client is asked for a sign of life.
const PING: Duration = Duration::from_secs(25);

/// After as long without any, it is taken for dead: two were asked for.
const SILENCE: Duration = Duration::from_secs(60);

/// How long a farewell may take, with the answer to it.
const CLOSING: Duration = Duration::from_secs(5);

/// How many messages wait to be written.
const QUEUE: usize = 8;

/// How much is read from the socket at a time.
const READ_BUFFER: usize = 16 * 1024;

/// What holds for a connection.
#[derive(Debug, Clone)]
struct Terms {
    /// What is cancelled when the server stops.
    stopping: CancellationToken,
    /// How long a query or a mutation may take.
    request: Duration,
    /// How long a message may take to get through.
    patience: Duration,
}

/// Whether a request would speak WebSocket.
pub fn is_asked_for(headers: &HeaderMap) -> bool {
    let protocols = headers.get_all(header::UPGRADE).iter().filter_map(|value| value.to_str().ok());
    protocols.flat_map(|value| value.split(',')).any(|protocol| protocol.trim().eq_ignore_ascii_case("websocket"))
}

/// `GET /graphql` with an Upgrade.
///
/// # Errors
/// `MALFORMED_BODY` if the handshake is not one of WebSocket.
pub async fn upgrade(application: Arc<Application>, limits: Limits, parts: &mut Parts) -> Result<Response, Failure> {
    let upgrade = WebSocketUpgrade::from_request_parts(parts, &()).await.map_err(|_| {
        Error::problem(
            ProblemCode::MalformedBody,
            "The request cannot be read as a handshake of WebSocket, version 13.",
        )
    })?;
    let header = parts.headers.get(header::AUTHORIZATION);
    let header = header.map(|value| value.to_str().unwrap_or_default().to_owned());
    let terms =
        Terms { stopping: application.stopping.clone(), request: limits.request(), patience: limits.write() / 2 };
    // Twice of what is taken is read, so that who sends a little too much can be told in order.
    let upgrade = upgrade
        .protocols([PROTOCOL])
        .read_buffer_size(READ_BUFFER)
        .max_message_size(2 * LONGEST_MESSAGE)
        .max_frame_size(2 * LONGEST_MESSAGE);
    let ours = upgrade.selected_protocol().is_some();
    Ok(upgrade.on_upgrade(move |socket| async move {
        let _open = application.metrics.open(Open::WebSocket);
        let (mut sink, mut stream) = socket.split();
        if ours {
            converse(&mut sink, &mut stream, application.as_ref(), header.as_deref(), &terms).await;
        } else {
            part(&mut sink, &mut stream, &mut mpsc::channel(1).1, Some(Farewell::other_protocol()), &terms).await;
        }
    }))
}

/// Speaks with a client until one of us has enough, and says farewell.
async fn converse<H, I, O>(sink: &mut O, stream: &mut I, host: &H, header: Option<&str>, terms: &Terms)
where
    H: Host,
    I: Stream<Item = Result<Frame, axum::Error>> + Unpin,
    O: Sink<Frame> + Unpin,
{
    let (outgoing, mut queue) = mpsc::channel(QUEUE);
    let mut ear = Ear { stream, outgoing };
    let farewell = tokio::select! {
        farewell = ear.listen(host, header, terms) => farewell,
        farewell = write(sink, &mut queue, terms) => farewell,
    };
    part(sink, ear.stream, &mut queue, farewell.err(), terms).await;
}

/// The half that listens.
struct Ear<'a, I> {
    stream: &'a mut I,
    outgoing: mpsc::Sender<Outgoing>,
}

/// What ends a connection: a farewell to say, or none if the client is gone.
type Ended = Result<Gone, Farewell>;

/// The client has left, or its connection is broken.
#[derive(Debug, Clone, Copy)]
struct Gone;

/// What a client said, with its length; nothing if it is gone.
type Heard = Result<Option<(Message, usize)>, Farewell>;

impl<I: Stream<Item = Result<Frame, axum::Error>> + Unpin> Ear<'_, I> {
    async fn listen<H: Host>(&mut self, host: &H, header: Option<&str>, terms: &Terms) -> Ended {
        let Some(caller) = self.welcome(host, header, terms).await? else {
            return Ok(Gone);
        };
        let operations = Operations::new(self.outgoing.clone());
        let mut end = pin!(end(&terms.stopping, &caller));
        loop {
            let heard = tokio::select! {
                biased;
                end = &mut end => return Err(Farewell::at(end)),
                heard = self.hear() => heard?,
            };
            let Some((message, bytes)) = heard else {
                return Ok(Gone);
            };
            match message {
                Message::Init { .. } => return Err(Farewell::initialised_twice()),
                // There may be no room for an answer until the end.
                Message::Ping(payload) => tokio::select! {
                    end = &mut end => return Err(Farewell::at(end)),
                    () = self.pong(payload) => {}
                },
                Message::Pong => {}
                Message::Subscribe { id, operation } => {
                    operations.start(id, bytes, || run(host, *operation, Arc::clone(&caller), terms.request))?;
                }
                Message::Complete { id } => operations.cancel(&id),
            }
        }
    }

    /// Waits for `connection_init`, and acknowledges it.
    async fn welcome<H: Host>(
        &mut self,
        host: &H,
        header: Option<&str>,
        terms: &Terms,
    ) -> Result<Option<Arc<Caller>>, Farewell> {
        let mut too_late = pin!(sleep(INITIALISATION));
        loop {
            let heard = tokio::select! {
                biased;
                () = terms.stopping.cancelled() => return Err(Farewell::stopping()),
                () = &mut too_late => return Err(Farewell::not_initialised()),
                heard = self.hear() => heard?,
            };
            let Some((message, _)) = heard else {
                return Ok(None);
            };
            match message {
                Message::Init { authorization } => {
                    let caller = host
                        .admit(authorization.as_deref().or(header))
                        .await
                        .map_err(|refusal| Farewell::forbidden(&refusal.to_string()))?;
                    self.say(Outgoing::plain(&json!({ "type": "connection_ack" }))).await;
                    return Ok(Some(caller));
                }
                Message::Ping(payload) => self.pong(payload).await,
                Message::Pong | Message::Complete { .. } => {}
                Message::Subscribe { .. } => return Err(Farewell::unauthorized()),
            }
        }
    }

    /// The next message. Frames that carry none are signs of life.
    async fn hear(&mut self) -> Heard {
        loop {
            let Ok(Some(frame)) = timeout(SILENCE, self.stream.next()).await else {
                return Ok(None);
            };
            match frame {
                Ok(Frame::Text(text)) if text.len() > LONGEST_MESSAGE => return Err(Farewell::too_long()),
                Ok(Frame::Text(text)) => return Ok(Some((Message::read(&text)?, text.len()))),
                Ok(Frame::Binary(_)) => return Err(Farewell::invalid("it is not text")),
                Ok(Frame::Ping(_) | Frame::Pong(_)) => {}
                Ok(Frame::Close(_)) => return Ok(None),
                Err(failure) => {
                    return match failure.into_inner().downcast_ref::<tungstenite::Error>() {
                        Some(tungstenite::Error::Capacity(_)) => Err(Farewell::too_long()),
                        Some(tungstenite::Error::Protocol(_) | tungstenite::Error::Utf8(_)) => {
                            Err(Farewell::protocol_error())
                        }
                        _ => Ok(None),
                    };
                }
            }
        }
    }

    async fn pong(&self, payload: Option<serde_json::Map<String, serde_json::Value>>) {
        let mut pong = json!({ "type": "pong" });
        if let Some(payload) = payload {
            pong["payload"] = payload.into();
        }
        self.say(Outgoing::plain(&pong)).await;
    }

    async fn say(&self, message: Outgoing) {
        // The other half ends before it stops taking messages.
        let _ = self.outgoing.send(message).await;
    }
}

/// The half that writes: messages of the queue, and pings.
async fn write<O: Sink<Frame> + Unpin>(sink: &mut O, queue: &mut mpsc::Receiver<Outgoing>, terms: &Terms) -> Ended {
    let mut pings = interval_at(Instant::now() + PING, PING);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let frame = tokio::select! {
            Some(message) = queue.recv() => {
                if message.is_stale() {
                    continue;
                }
                Frame::Text(message.text.into())
            }
            _ = pings.tick() => Frame::Ping(Bytes::new()),
        };
        match timeout(terms.patience, sink.send(frame)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Ok(Gone),
            Err(_) => return Err(Farewell::too_slow()),
        }
    }
}

/// Says farewell, and waits a little for the client to say it too: a socket that is closed too early takes the farewell
/// along. Without one, the client's own is answered.
async fn part<I, O>(
    sink: &mut O,
    stream: &mut I,
    queue: &mut mpsc::Receiver<Outgoing>,
    farewell: Option<Farewell>,
    terms: &Terms,
) where
    I: Stream<Item = Result<Frame, axum::Error>> + Unpin,
    O: Sink<Frame> + Unpin,
{
    queue.close();
    let Some(farewell) = farewell else {
        let _ = timeout(CLOSING, sink.close()).await;
        return;
    };
    let slow = farewell == Farewell::too_slow();
    tracing::debug!(code = farewell.code, reason = farewell.reason, "a WebSocket connection is closed");
    let close = Frame::Close(Some(CloseFrame { code: farewell.code, reason: farewell.reason.into() }));
    let said = async {
        while let Ok(message) = queue.try_recv() {
            // What was promised is still kept, such as an acknowledgement; but not to who does not read.
            if !slow && !message.is_stale() && sink.feed(Frame::Text(message.text.into())).await.is_err() {
                return;
            }
        }
        if sink.send(close).await.is_ok() {
            while let Some(Ok(_)) = stream.next().await {}
        }
    };
    let _ = timeout(if slow { terms.patience } else { CLOSING }, said).await;
}
