//! Real IO in place of `sleep`: three fetches wait for a slow server, first together, then one after
//! the other. The server is a thread of this program, so no network is needed.
//!
//! Run it in the folder of countasync with `cargo run --example sockets`.

use common::timing::Stopwatch;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::{time::timeout, try_join};

/// How long the third fetch waits for its answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Starts a server that is asked for a number of seconds, and answers after that time.
fn start_server() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?; // 0: the system chooses a port
    let address = listener.local_addr()?;
    thread::spawn(move || {
        // After an error the listener or the connection closes, which the client reports.
        while let Ok((connection, _)) = listener.accept() {
            thread::spawn(|| answer(connection)); // a thread each, so it may block
        }
    });
    Ok(address)
}

fn answer(mut connection: std::net::TcpStream) -> io::Result<()> {
    let mut request = [0];
    connection.read_exact(&mut request)?;
    thread::sleep(Duration::from_secs(request[0].into()));
    connection.write_all(&request)
}

async fn fetch(number: u32, server: SocketAddr, seconds: u8) -> io::Result<()> {
    println!("fetch {number}: asks");
    let stopwatch = Stopwatch::start();
    let mut connection = TcpStream::connect(server).await?;
    connection.write_u8(seconds).await?;
    connection.read_u8().await?; // the long wait
    println!("fetch {number}: answered after {stopwatch} s");
    Ok(())
}

async fn fetch_or_give_up(number: u32, server: SocketAddr, seconds: u8) -> io::Result<()> {
    let stopwatch = Stopwatch::start();
    match timeout(PATIENCE, fetch(number, server, seconds)).await {
        Ok(result) => result,
        Err(_) => {
            // The time-out has dropped the fetch, which closed its connection.
            println!("fetch {number}: gave up after {stopwatch} s");
            Ok(())
        }
    }
}

async fn compare() -> io::Result<()> {
    let server = start_server()?;

    let stopwatch = Stopwatch::start();
    try_join!(fetch(1, server, 3), fetch(2, server, 1), fetch_or_give_up(3, server, 5))?;
    println!("together: {stopwatch} s");

    let stopwatch = Stopwatch::start();
    fetch(4, server, 3).await?;
    fetch(5, server, 1).await?;
    fetch_or_give_up(6, server, 5).await?;
    println!("one after the other: {stopwatch} s");
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    sigpipe::reset(); // a closed pipe ends the program, as in C

    match compare().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sockets: the connection failed: {error}");
            ExitCode::FAILURE
        }
    }
}
