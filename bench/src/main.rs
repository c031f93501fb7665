//! What the exchange is measured beside, over the same generated database on PostgreSQL:
//!
//! - `/static/{bytes}`: bytes of a size, from memory. Nothing that answers over HTTP here can be faster.
//! - `/comparison`, `/framework`, `/page`, `/return`: the *floor*, each case written by hand over one driver, with as few round
//!   trips as it takes, and nothing of what an exchange owes its readers: no ledger, no releases, no validation, no errors.

mod floor;

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::Path,
    http::header::CONTENT_TYPE,
    response::IntoResponse,
    routing::{get, post},
};
use clap::Parser;
use tokio::net::TcpListener;

use floor::Floor;

#[derive(Debug, Parser)]
struct Options {
    /// The generated database.
    #[arg(long, env = "DATABASE_URL")]
    database_url: String,
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// Connections to the database.
    #[arg(long, default_value_t = 16)]
    connections: usize,
}

/// The largest answer that is asked for here.
const MOST_BYTES: usize = 4 << 20;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = Options::parse();
    let floor = Arc::new(Floor::over(&options.database_url, options.connections).await?);
    let memory = Bytes::from(vec![b' '; MOST_BYTES]);
    let answer = move |Path(bytes): Path<usize>| async move {
        ([(CONTENT_TYPE, "application/json")], memory.slice(..bytes.min(MOST_BYTES))).into_response()
    };
    let router = Router::new()
        .route("/static/{bytes}", get(answer.clone()).post(answer))
        .route("/comparison", get(floor::comparison))
        .route("/framework", get(floor::framework))
        .route("/page", get(floor::page))
        .route("/return", post(floor::take))
        .with_state(floor);
    let listener = TcpListener::bind(options.listen).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}
