//! As much of HTTP/1.1 as one page needs: a thread and a closed connection per request.

use crate::page::Page;
use crate::shutdown::Requests;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// The longest request line and header that is read: more than any browser sends.
const MAX_REQUEST_BYTES: u64 = 16 * 1024;

/// How long a client may take to say what it wants.
const READ_TIMEOUT: Duration = Duration::from_secs(5);

/// Answers until the app is to end. What had connected before that is still answered.
pub(crate) fn serve(listener: &TcpListener, page: &Arc<Page>, requests: &Arc<Requests>) {
    while let Ok((stream, _)) = listener.accept() {
        if requests.ending() {
            answer_later(stream, page, requests);
            break;
        }
        answer_later(stream, page, requests);
    }
    // Those that the kernel accepted and nobody has yet looked at.
    if listener.set_nonblocking(true).is_ok() {
        while let Ok((stream, _)) = listener.accept() {
            answer_later(stream, page, requests);
        }
    }
}

fn answer_later(stream: TcpStream, page: &Arc<Page>, requests: &Arc<Requests>) {
    let page = Arc::clone(page);
    let request = requests.begin();
    thread::spawn(move || {
        let _request = request;
        if let Err(error) = answer(&stream, &page) {
            println!("a request failed: {error}");
        }
    });
}

fn answer(mut stream: &TcpStream, page: &Page) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(READ_TIMEOUT))?;
    let mut reader = BufReader::new(stream.take(MAX_REQUEST_BYTES));
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let Some(path) = request.split(' ').nth(1) else { return Ok(()) };
    // The headers are read to their end: closing with unread bytes would reset the connection.
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    let response = page.respond(path);
    println!("{} {path}", response.status);
    write!(
        stream,
        "HTTP/1.1 {}\r\ncontent-type: {}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{}",
        response.status,
        response.content_type,
        response.body.len(),
        response.body
    )
}
