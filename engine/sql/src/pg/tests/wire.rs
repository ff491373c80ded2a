//! Connections before anybody is in, and their end.

use super::super::serve;
use super::{options, over_a_city};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Longer than anything here may take.
const LONG: Duration = Duration::from_secs(10);

async fn started() -> io::Result<(SocketAddr, CancellationToken, JoinHandle<io::Result<()>>)> {
    let (sql, threads) = over_a_city()?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let stop = CancellationToken::new();
    let token = stop.clone();
    let serving = tokio::spawn(async move {
        let served = serve(listener, sql, options(), token).await;
        drop(threads);
        served
    });
    Ok((address, stop, serving))
}

fn startup(parameters: &[(&str, &str)]) -> Vec<u8> {
    let mut body = 196_608_u32.to_be_bytes().to_vec();
    for (name, value) in parameters {
        body.extend_from_slice(name.as_bytes());
        body.push(0);
        body.extend_from_slice(value.as_bytes());
        body.push(0);
    }
    body.push(0);
    let length = u32::try_from(body.len() + 4).unwrap_or_default();
    [length.to_be_bytes().to_vec(), body].concat()
}

async fn message(socket: &mut TcpStream) -> io::Result<(u8, String)> {
    let kind = socket.read_u8().await?;
    let length = usize::try_from(socket.read_u32().await?).unwrap_or_default();
    let mut body = vec![0; length.saturating_sub(4)];
    socket.read_exact(&mut body).await?;
    Ok((kind, String::from_utf8_lossy(&body).into_owned()))
}

#[tokio::test]
async fn only_scram_is_offered() -> io::Result<()> {
    let (address, stop, serving) = started().await?;
    let mut socket = TcpStream::connect(address).await?;
    socket.write_all(&startup(&[("user", "vonglau"), ("database", "vonglau")])).await?;
    let (kind, body) = message(&mut socket).await?;
    assert_eq!((kind, body.as_bytes().get(3)), (b'R', Some(&10)), "{body:?}");
    assert!(body.contains("SCRAM-SHA-256") && !body.contains("PLUS"), "{body:?}");
    stop.cancel();
    serving.await?
}

#[tokio::test]
async fn another_database_is_not_there() -> io::Result<()> {
    let (address, stop, serving) = started().await?;
    let mut socket = TcpStream::connect(address).await?;
    socket.write_all(&startup(&[("user", "vonglau"), ("database", "postgres")])).await?;
    let (kind, body) = message(&mut socket).await?;
    assert!(kind == b'E' && body.contains("3D000") && body.contains("FATAL"), "{body:?}");
    stop.cancel();
    serving.await?
}

#[tokio::test]
async fn one_connection_more_than_may_be_is_closed() -> io::Result<()> {
    let (address, stop, serving) = started().await?;
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut socket = TcpStream::connect(address).await?;
        socket.write_all(&startup(&[("user", "vonglau")])).await?;
        assert_eq!(message(&mut socket).await?.0, b'R');
        held.push(socket);
    }
    let mut refused = TcpStream::connect(address).await?;
    let closed = tokio::time::timeout(LONG, refused.read_u8()).await;
    assert!(closed.is_ok_and(|read| read.is_err()));
    // One that leaves makes room.
    held.pop();
    let again = async {
        loop {
            let mut socket = TcpStream::connect(address).await?;
            socket.write_all(&startup(&[("user", "vonglau")])).await?;
            if message(&mut socket).await.is_ok_and(|(kind, _)| kind == b'R') {
                return io::Result::Ok(());
            }
        }
    };
    tokio::time::timeout(LONG, again).await??;
    stop.cancel();
    serving.await?
}

#[tokio::test]
async fn clients_that_say_nothing_do_not_hold_the_end() -> io::Result<()> {
    let (address, stop, serving) = started().await?;
    let _silent = TcpStream::connect(address).await?;
    let mut waiting = TcpStream::connect(address).await?;
    waiting.write_all(&startup(&[("user", "vonglau")])).await?;
    assert_eq!(message(&mut waiting).await?.0, b'R');
    stop.cancel();
    tokio::time::timeout(LONG, serving).await??
}
