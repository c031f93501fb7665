//! What a client may say, and what it is told when the connection is closed.

use async_graphql::Request as Operation;
use serde_json::{Map, Value};

use crate::{graphql::operation, stream::End};

/// How many bytes a message may have.
pub const LONGEST_MESSAGE: usize = 1024 * 1024;

/// How many bytes the id of an operation may have.
const LONGEST_ID: usize = 128;

/// How many bytes there are for the reason of a close (RFC 6455, section 5.5).
const LONGEST_REASON: usize = 123;

/// Why the server closes a connection, with its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Farewell {
    /// The code, which tells the client whether to come back.
    pub code: u16,
    /// What a person may read of it.
    pub reason: String,
}

impl Farewell {
    fn new(code: u16, reason: impl Into<String>) -> Self {
        let mut reason = reason.into();
        let mut length = reason.len().min(LONGEST_REASON);
        while !reason.is_char_boundary(length) {
            length -= 1;
        }
        reason.truncate(length);
        Self { code, reason }
    }

    /// A frame that is none.
    pub fn protocol_error() -> Self {
        Self::new(1002, "The frame cannot be read")
    }

    /// A message of more bytes than are taken.
    pub fn too_long() -> Self {
        Self::new(1009, format!("A message may have {LONGEST_MESSAGE} bytes"))
    }

    /// What a long answer ends with.
    pub fn at(end: End) -> Self {
        match end {
            End::Expired => Self::forbidden("The token has expired."),
            End::Stopping => Self::stopping(),
        }
    }

    /// The server stops.
    pub fn stopping() -> Self {
        Self::new(1012, "The server is going down: connect again, and resume after the last cursor")
    }

    /// The client does not read what it is sent.
    pub fn too_slow() -> Self {
        Self::new(1013, "Too slow a reader: connect again, and resume after the last cursor")
    }

    /// More operations at a time than are taken.
    pub fn too_many(what: impl Into<String>) -> Self {
        Self::new(1008, what)
    }

    /// A message that is none of the protocol's.
    pub fn invalid(why: &str) -> Self {
        Self::new(4400, format!("Invalid message: {why}"))
    }

    /// An operation before the acknowledgement.
    pub fn unauthorized() -> Self {
        Self::new(4401, "Unauthorized")
    }

    /// A token that is bad, missing or expired.
    pub fn forbidden(why: &str) -> Self {
        Self::new(4403, format!("Forbidden: {why}"))
    }

    /// Another protocol than ours.
    pub fn other_protocol() -> Self {
        Self::new(4406, "Subprotocol not acceptable")
    }

    /// No `connection_init` in time.
    pub fn not_initialised() -> Self {
        Self::new(4408, "Connection initialisation timeout")
    }

    /// An id that is in use.
    pub fn duplicate(id: &str) -> Self {
        Self::new(4409, format!("Subscriber for {id} already exists"))
    }

    /// A second `connection_init`.
    pub fn initialised_twice() -> Self {
        Self::new(4429, "Too many initialisation requests")
    }
}

/// What a client says.
#[derive(Debug)]
pub enum Message {
    /// Who it is.
    Init { authorization: Option<String> },
    /// Asks for a sign of life, with something to repeat.
    Ping(Option<Map<String, Value>>),
    /// The sign of life that it was asked for.
    Pong,
    /// Runs an operation.
    Subscribe { id: String, operation: Box<Operation> },
    /// Wants no more results of an operation.
    Complete { id: String },
}

impl Message {
    /// Reads a message.
    ///
    /// # Errors
    /// 4400, with what is wrong.
    pub fn read(text: &str) -> Result<Self, Farewell> {
        let members = serde_json::from_str(text).map_err(|_| Farewell::invalid("it is not a JSON object"))?;
        read(members).map_err(Farewell::invalid)
    }
}

fn read(mut members: Map<String, Value>) -> Result<Message, &'static str> {
    let Some(Value::String(kind)) = members.remove("type") else {
        return Err("the member `type` must be a string");
    };
    match kind.as_str() {
        "connection_init" => {
            let mut payload = payload(&mut members)?.unwrap_or_default();
            let authorization = payload.remove("Authorization").or_else(|| payload.remove("authorization"));
            match authorization {
                None | Some(Value::Null) => Ok(Message::Init { authorization: None }),
                Some(Value::String(authorization)) => Ok(Message::Init { authorization: Some(authorization) }),
                Some(_) => Err("`Authorization` must be a string"),
            }
        }
        "ping" => Ok(Message::Ping(payload(&mut members)?)),
        "pong" => payload(&mut members).map(|_| Message::Pong),
        "subscribe" => {
            let id = id(&mut members)?;
            let payload = payload(&mut members)?.ok_or("the member `payload` must be an object")?;
            Ok(Message::Subscribe { id, operation: Box::new(operation::read(payload)?) })
        }
        "complete" => Ok(Message::Complete { id: id(&mut members)? }),
        _ => Err("a client sends no messages of this type"),
    }
}

fn payload(members: &mut Map<String, Value>) -> Result<Option<Map<String, Value>>, &'static str> {
    match members.remove("payload") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(payload)) => Ok(Some(payload)),
        Some(_) => Err("the member `payload` must be an object"),
    }
}

fn id(members: &mut Map<String, Value>) -> Result<String, &'static str> {
    match members.remove("id") {
        Some(Value::String(id)) if (1..=LONGEST_ID).contains(&id.len()) => Ok(id),
        _ => Err("the member `id` must be a string of 1 to 128 bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_message_is_told_why() {
        for (text, why) in [
            ("", "JSON"),
            ("[]", "JSON"),
            ("{}", "`type`"),
            (r#"{"type":1}"#, "`type`"),
            (r#"{"type":"next","id":"1"}"#, "type"),
            (r#"{"type":"connection_init","payload":1}"#, "`payload`"),
            (r#"{"type":"connection_init","payload":{"Authorization":1}}"#, "`Authorization`"),
            (r#"{"type":"ping","payload":"x"}"#, "`payload`"),
            (r#"{"type":"subscribe","payload":{"query":"{a}"}}"#, "`id`"),
            (r#"{"type":"subscribe","id":"","payload":{"query":"{a}"}}"#, "`id`"),
            (r#"{"type":"subscribe","id":"1"}"#, "`payload`"),
            (r#"{"type":"subscribe","id":"1","payload":{}}"#, "`query`"),
            (r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":[]}}"#, "`variables`"),
            (r#"{"type":"complete"}"#, "`id`"),
        ] {
            let farewell = Message::read(text).unwrap_err();
            assert_eq!(farewell.code, 4400, "{text}");
            assert!(farewell.reason.contains(why), "{text}: {}", farewell.reason);
        }
    }

    #[test]
    fn a_reason_fits_into_its_frame() {
        let farewell = Farewell::forbidden(&"ä".repeat(200));
        assert!(farewell.reason.len() <= 123 && farewell.reason.ends_with('ä'));
    }
}
