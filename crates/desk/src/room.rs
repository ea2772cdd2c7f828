//! Room for what strangers send: a body has to be there in time, and large ones wait until others are done with. So the
//! memory of the desk stays bounded, however many wallets answer at once with the largest answer that is taken.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// A body up to this size, in bytes, never waits: an answer with a card or two.
const SMALL: usize = 64 * 1024;
/// What larger bodies may take together, in steps of [`SMALL`]: 32 MiB.
const STEPS: u32 = 512;
/// How long the whole body may take.
const ARRIVAL: Duration = Duration::from_secs(10);
/// How long a large body waits for its turn.
const TURN: Duration = Duration::from_secs(5);

/// The room of one door.
#[derive(Debug, Clone)]
pub struct Room {
    free: Arc<Semaphore>,
    largest: usize,
    arrival: Duration,
    turn: Duration,
}

/// Room that is taken for as long as this lives. A handler that goes on after its answer takes it along.
#[derive(Debug, Clone)]
pub struct Held(
    #[expect(dead_code, reason = "it is what is freed when the last copy goes")] Option<Arc<OwnedSemaphorePermit>>,
);

impl Room {
    /// Room for bodies of at most so many bytes.
    pub fn new(largest: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(STEPS as usize)), largest, arrival: ARRIVAL, turn: TURN }
    }
}

/// Takes the body of a request in, or refuses it: 413 where it is too large, 408 where it does not come, 503 where there
/// is no room.
pub async fn take_in(State(room): State<Room>, request: Request, next: Next) -> Response {
    let (mut head, body) = request.into_parts();
    let said = head.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    // Where nothing is said it may be as large as anything.
    let length = if head.headers.contains_key(header::TRANSFER_ENCODING) { room.largest } else { said.unwrap_or(0) };
    if length > room.largest {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    let permit = if length > SMALL {
        let steps = u32::try_from(length.div_ceil(SMALL)).unwrap_or(STEPS).min(STEPS);
        match timeout(room.turn, Arc::clone(&room.free).acquire_many_owned(steps)).await {
            Ok(Ok(permit)) => Some(Arc::new(permit)),
            _ => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
        }
    } else {
        None
    };
    let bytes = match timeout(room.arrival, to_bytes(body, room.largest)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Err(_) => return StatusCode::REQUEST_TIMEOUT.into_response(),
    };
    head.extensions.insert(Held(permit.clone()));
    let response = next.run(Request::from_parts(head, Body::from(bytes))).await;
    drop(permit);
    response
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use axum::{Router, body::Bytes, middleware, routing::post};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
    };

    use super::*;

    const LARGEST: usize = 2 * SMALL;

    async fn door(room: Room) -> SocketAddr {
        let slow = |body: Bytes| async move {
            tokio::time::sleep(Duration::from_millis(300)).await;
            body.len().to_string()
        };
        let router = Router::new().route("/", post(slow)).layer(middleware::from_fn_with_state(room, take_in));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }

    /// The status for a body that says one length and has another.
    async fn post_to(address: SocketAddr, says: &str, body: &[u8]) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!("POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{says}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let _ = stream.write_all(body).await;
        let mut reply = Vec::new();
        let _ = stream.read_to_end(&mut reply).await;
        String::from_utf8_lossy(&reply).split(' ').nth(1).unwrap_or_default().to_owned()
    }

    #[tokio::test]
    async fn security_j25_large_bodies_wait_for_room_and_small_ones_do_not() {
        let mut room = Room::new(LARGEST);
        room.free = Arc::new(Semaphore::new(2));
        room.turn = Duration::from_millis(50);
        let address = door(room).await;
        let large = vec![b'x'; LARGEST];
        let says = format!("content-length: {LARGEST}");
        let first = tokio::spawn({
            let (says, large) = (says.clone(), large.clone());
            async move { post_to(address, &says, &large).await }
        });
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(post_to(address, &says, &large).await, "503", "there is room for one");
        assert_eq!(post_to(address, "content-length: 3", b"abc").await, "200");
        assert_eq!(first.await.unwrap(), "200");
        assert_eq!(post_to(address, &says, &large).await, "200", "the room is free again");
    }

    #[tokio::test]
    async fn security_j11_a_body_that_drips_or_has_no_end_is_refused() {
        let mut room = Room::new(LARGEST);
        room.arrival = Duration::from_millis(100);
        let address = door(room).await;
        assert_eq!(post_to(address, "content-length: 10", b"abc").await, "408");
        let says = format!("content-length: {}", LARGEST + 1);
        assert_eq!(post_to(address, &says, b"").await, "413");
        let mut chunk = format!("{:x}\r\n", LARGEST + 1).into_bytes();
        chunk.extend(vec![b'x'; LARGEST + 1]);
        chunk.extend(b"\r\n0\r\n\r\n");
        assert_eq!(post_to(address, "transfer-encoding: chunked", &chunk).await, "413");
        assert_eq!(post_to(address, "transfer-encoding: chunked", b"3\r\nabc\r\n0\r\n\r\n").await, "200");
    }
}
