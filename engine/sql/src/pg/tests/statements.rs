//! Statements and what they answer, message by message.

use super::super::server::{Handler, Server};
use super::super::session::Session;
use super::super::settings::Settings;
use super::{options, over_a_city};
use crate::threads::Threads;
use bytes::Bytes;
use datafusion_postgres::pgwire::error::{ErrorInfo, PgWireError, PgWireResult};
use datafusion_postgres::pgwire::messages::PgWireBackendMessage as Message;
use datafusion_postgres::pgwire::messages::extendedquery::{Bind, Describe, Execute, Parse};
use datafusion_postgres::pgwire::messages::response::TransactionStatus;
use futures_util::SinkExt;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

struct Client {
    handler: Handler,
    session: Session,
    status: TransactionStatus,
    _threads: Threads,
}

/// What came back, short: rows as text, words of completion, and `!state` for an error.
type Told = Vec<String>;

impl Client {
    async fn new() -> io::Result<Self> {
        let (sql, threads) = over_a_city()?;
        let server = Arc::new(Server::new(sql, &options(), CancellationToken::new()).await?);
        let handler = Handler::new(&server, CancellationToken::new());
        let settings = Settings::new("vonglau", "Asia/Ho_Chi_Minh", Duration::from_secs(20), []);
        let session = Session::new("vonglau", 1, settings);
        Ok(Self { handler, session, status: TransactionStatus::Idle, _threads: threads })
    }

    async fn send(&mut self, text: &str) -> Told {
        let mut sent: Vec<Message> = Vec::new();
        let mut out = (&mut sent).sink_map_err(|never| match never {});
        let done = self.handler.texts(&mut self.session, &mut out, text, &mut self.status).await;
        self.told(sent, done)
    }

    async fn run(&mut self, sql: &str, values: &[Option<&str>], most: i32) -> Told {
        let mut sent: Vec<Message> = Vec::new();
        let mut out = (&mut sent).sink_map_err(|never| match never {});
        let values = values.iter().map(|value| value.map(|text| Bytes::copy_from_slice(text.as_bytes())));
        let bind = Bind::new(None, None, Vec::new(), values.collect(), Vec::new());
        let (handler, session) = (&self.handler, &mut self.session);
        let done = async {
            handler.parse(session, &mut out, Parse::new(None, sql.to_owned(), Vec::new())).await?;
            handler.describe(session, &mut out, Describe::new(b'S', None)).await?;
            handler.bind(session, &mut out, bind).await?;
            handler.execute(session, &mut out, Execute::new(None, most), &mut self.status).await
        };
        let done = done.await;
        self.told(sent, done)
    }

    fn told(&mut self, sent: Vec<Message>, done: PgWireResult<()>) -> Told {
        let mut told: Told = sent.into_iter().filter_map(short).collect();
        if let Err(error) = done {
            // As the connection does.
            self.status = self.status.to_error_state();
            told.push(format!("!{}", ErrorInfo::from(error).code));
        }
        told
    }
}

fn short(message: Message) -> Option<String> {
    match message {
        Message::RowDescription(described) => {
            let names: Vec<_> = described.fields.iter().map(|field| field.name.as_str()).collect();
            Some(format!("[{}]", names.join(",")))
        }
        Message::DataRow(row) => {
            let mut rest: &[u8] = &row.data;
            let mut fields = Vec::new();
            while let Some((length, after)) = rest.split_first_chunk::<4>() {
                let length = usize::try_from(i32::from_be_bytes(*length)).unwrap_or_default();
                fields.push(String::from_utf8_lossy(&after[..length]).into_owned());
                rest = &after[length..];
            }
            Some(fields.join("|"))
        }
        Message::CommandComplete(done) => Some(done.tag),
        Message::CopyData(data) => Some(String::from_utf8_lossy(&data.data).into_owned()),
        Message::NoticeResponse(_) => Some("notice".to_owned()),
        Message::ParameterStatus(status) => Some(format!("{}={}", status.name, status.value)),
        Message::PortalSuspended(_) => Some("suspended".to_owned()),
        Message::EmptyQueryResponse(_) => Some("empty".to_owned()),
        _ => None,
    }
}

#[tokio::test]
async fn several_statements_are_answered_in_turn_until_one_fails() -> io::Result<()> {
    let mut client = Client::new().await?;
    let told =
        client.send("SELECT count(*), 1 FROM visits; SHOW search_path; SELECT nothing; SELECT 2").await;
    assert_eq!(told, ["[count,?column?]", "90|1", "SELECT 1", "[search_path]", "public", "SHOW", "!42703"]);
    assert_eq!(client.send(" ; ").await, ["empty"]);
    Ok(())
}

#[tokio::test]
async fn a_failed_transaction_goes_on_only_after_rollback() -> io::Result<()> {
    let mut client = Client::new().await?;
    assert_eq!(client.send("BEGIN; SAVEPOINT a; SELECT nothing").await, ["BEGIN", "SAVEPOINT", "!42703"]);
    assert_eq!(client.send("SELECT 1").await, ["!25P02"]);
    assert_eq!(client.send("ROLLBACK TO a; SELECT 1 AS one").await, ["ROLLBACK", "[one]", "1", "SELECT 1"]);
    assert_eq!(client.send("COMMIT").await, ["COMMIT"]);
    assert_eq!(client.send("BEGIN READ WRITE").await, ["!25006"]);
    assert_eq!(
        client.send("BEGIN ISOLATION LEVEL SERIALIZABLE; ROLLBACK").await,
        ["notice", "BEGIN", "ROLLBACK"]
    );
    Ok(())
}

#[tokio::test]
async fn nothing_is_written() -> io::Result<()> {
    let mut client = Client::new().await?;
    for text in [
        "DELETE FROM visits",
        "CREATE TABLE t (a int)",
        "COPY visits TO '/tmp/x'",
        "COPY (SELECT 1) TO PROGRAM 'cat'",
        "COPY visits FROM STDIN",
        "EXPLAIN ANALYZE DELETE FROM visits",
        "PREPARE p AS DELETE FROM visits",
        "SELECT 1 INTO t",
    ] {
        let told = client.send(text).await;
        assert!(told.last().is_some_and(|last| last.starts_with('!')), "{text}: {told:?}");
    }
    Ok(())
}

#[tokio::test]
async fn values_are_put_where_constants_can_stand() -> io::Result<()> {
    let mut client = Client::new().await?;
    let count = "SELECT count(*) AS n FROM visits WHERE person = $1 AND seconds >= $2";
    assert_eq!(client.run(count, &[Some("P0001"), Some("60")], 0).await, ["[n]", "3", "SELECT 1"]);
    let any = "SELECT count(*) AS n FROM visits WHERE venue = ANY($1)";
    assert_eq!(client.run(any, &[Some("{V.1,\"V.2\"}")], 0).await, ["[n]", "60", "SELECT 1"]);
    assert_eq!(client.run(any, &[Some("{}")], 0).await, ["[n]", "0", "SELECT 1"]);
    let exposed = "SELECT count(*) AS n FROM exposed_at($1, $2, $3)";
    let values = [Some("V.1"), Some("2021-10-15 00:00:00+07"), Some("2021-10-16 00:00:00+07")];
    assert_eq!(client.run(exposed, &values, 0).await, ["[n]", "10", "SELECT 1"]);
    let exposed = "SELECT count(*) AS n FROM exposed_at($1, $2::timestamptz, $3::timestamptz)";
    assert_eq!(client.run(exposed, &values, 0).await, ["[n]", "10", "SELECT 1"]);
    let chain = client.send("SELECT count(*) AS n FROM chain_of('P0001', 2)").await;
    let same = "SELECT count(*) AS n FROM chain_of($1, $2)";
    assert_eq!(client.run(same, &[Some("P0001"), Some("2")], 0).await, chain);
    assert_eq!(
        client.run("SELECT $1 AS v", &[Some("'; DELETE --")], 0).await,
        ["[v]", "'; DELETE --", "SELECT 1"]
    );
    assert_eq!(client.run(count, &[Some("P0001")], 0).await, ["[n]", "!08P01"]);
    Ok(())
}

#[tokio::test]
async fn what_would_be_made_of_little_is_bounded_here_too() -> io::Result<()> {
    let mut client = Client::new().await?;
    let joined = "SELECT length(array_to_string(range(0, 8000000), repeat('x', 60000000)))";
    assert_eq!(client.send(joined).await, ["[length]", "!53200"]);
    assert_eq!(
        client.send("SELECT array_to_string(range(1, 4), '-') AS a").await,
        ["[a]", "1-2-3", "SELECT 1"]
    );
    let median = "SELECT approx_percentile_cont(seconds, 0.5, $1::bigint) > 0 AS p FROM visits";
    assert_eq!(client.run(median, &[Some("200")], 0).await, ["[p]", "t", "SELECT 1"]);
    let told = client.run(median, &[Some("100000000000")], 0).await;
    assert!(told.last().is_some_and(|last| last.starts_with('!')), "{told:?}");
    Ok(())
}

#[tokio::test]
async fn answers_are_read_in_portions() -> io::Result<()> {
    let mut client = Client::new().await?;
    let told = client.run("SELECT 1 AS a UNION ALL SELECT 1 UNION ALL SELECT 1", &[], 2).await;
    assert_eq!(told, ["[a]", "1", "1", "suspended"]);
    let told = client
        .send("BEGIN; DECLARE c CURSOR FOR SELECT venue FROM venues ORDER BY venue; FETCH 2 FROM c")
        .await;
    assert_eq!(told, ["BEGIN", "DECLARE CURSOR", "[venue]", "V.1", "V.2", "FETCH 2"]);
    assert_eq!(
        client.send("FETCH ALL FROM c; FETCH NEXT FROM c").await,
        ["[venue]", "V.3", "FETCH 1", "[venue]", "FETCH 0"]
    );
    assert_eq!(client.send("COMMIT; FETCH NEXT FROM c").await, ["COMMIT", "!34000"]);
    assert_eq!(client.send("DECLARE c CURSOR FOR SELECT 1").await, ["!25P01"]);
    Ok(())
}

#[tokio::test]
async fn rows_are_copied_as_csv_and_text() -> io::Result<()> {
    let mut client = Client::new().await?;
    let told =
        client.send("COPY (SELECT venue, name FROM venues ORDER BY 1 LIMIT 2) TO STDOUT CSV HEADER").await;
    assert_eq!(
        told,
        ["venue,name\n", "V.1,Chợ Hôm – Đức Viên\n", "V.2,\"Toà nhà \"\"A\"\", tầng 2\"\n", "COPY 2"]
    );
    let told = client.send("COPY (SELECT 1, NULL) TO STDOUT").await;
    assert_eq!(told, ["1\t\\N\n", "COPY 1"]);
    Ok(())
}

#[tokio::test]
async fn times_are_written_in_the_zone_of_the_session() -> io::Result<()> {
    let mut client = Client::new().await?;
    let first = "SELECT min(start_at) FROM visits";
    assert_eq!(client.send(first).await, ["[min]", "2021-10-15 07:00:00+07", "SELECT 1"]);
    assert_eq!(client.send("SET TIME ZONE 'UTC'").await, ["TimeZone=UTC", "SET"]);
    assert_eq!(client.send(first).await, ["[min]", "2021-10-15 00:00:00+00", "SELECT 1"]);
    Ok(())
}

#[tokio::test]
async fn comments_are_in_the_system_catalog() -> io::Result<()> {
    let mut client = Client::new().await?;
    let comment = "SELECT count(*) AS n FROM pg_catalog.pg_description d JOIN pg_catalog.pg_class c ON c.oid = d.objoid \
                   WHERE c.relname = 'visits' AND d.classoid = 'pg_class'::regclass";
    assert_eq!(client.send(comment).await, ["[n]", "7", "SELECT 1"]);
    let told = client.send("SELECT obj_description('visits'::regclass, 'pg_class')").await;
    assert!(told.get(1).is_some_and(|comment| comment.contains("Lần ghé địa điểm")), "{told:?}");
    let told =
        client.send("SELECT comment FROM information_schema.columns WHERE column_name = 'start_at'").await;
    assert!(told.len() > 2, "{told:?}");
    Ok(())
}

#[tokio::test]
async fn a_statement_is_stopped_at_the_time_that_was_set() -> io::Result<()> {
    let mut client = Client::new().await?;
    let told = client
        .send("SET statement_timeout = 50; SELECT count(*) FROM generate_series(1, 1000000000000) AS g(n) WHERE n % 7 = 9")
        .await;
    assert_eq!(told.last().map(String::as_str), Some("!57014"), "{told:?}");
    Ok(())
}

/// The client does not read: its errors come to nobody.
#[test]
fn an_error_of_the_protocol_ends_the_connection() {
    let PgWireError::UserError(info) = super::super::errors::stopping() else {
        panic!("it is an error of the user's")
    };
    assert!(info.is_fatal());
}
