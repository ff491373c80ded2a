//! `vonglau sql` against a running city.

use crate::events::{MARKET, an_hour_together, f0};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Output, Stdio};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::time::timeout;
use vonglau_tests::{City, DEADLINE, binary, eventually};

struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Said {
    fn of(output: &Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

async fn sql(to: &str, arguments: &[&str]) -> Said {
    let mut command = Command::new(binary());
    let command = command.args(["sql", "--to", to]).args(arguments).stdin(Stdio::null());
    Said::of(&command.env("LANG", "vi_VN.UTF-8").env_remove("LC_ALL").output().await.unwrap())
}

async fn market_city() -> City {
    let city = City::by_events().await;
    let mut events = an_hour_together("f0-case", "near-by", "too-late");
    events.push(f0("f0-case", "11:30"));
    let seq = city.take(&events).await;
    city.get_at("/api/v1/city", seq).await;
    city
}

const SCANS: &str = "SELECT person, venue, direction FROM scans WHERE person = 'near-by' ORDER BY scanned_at";

#[tokio::test]
async fn one_statement_is_answered_in_the_format_asked_for() {
    let city = market_city().await;
    let url = city.server.url.as_str();
    let csv = sql(url, &["-c", SCANS]).await;
    let expected = format!("person,venue,direction\nnear-by,{MARKET},in\nnear-by,{MARKET},out\n");
    assert_eq!((csv.code, csv.out.as_str(), csv.err.as_str()), (Some(0), expected.as_str(), ""));

    let answer = sql(url, &["-c", SCANS, "--format", "json"]).await;
    let answer: Value = serde_json::from_str(&answer.out).unwrap();
    assert_eq!(answer["rows"], json!([["near-by", MARKET, "in"], ["near-by", MARKET, "out"]]));

    let lines =
        sql(url, &["-c", "SELECT name, district, NULL AS nothing FROM venues;", "--format", "ndjson"]).await;
    assert_eq!(lines.out, "{\"name\":\"Chợ Hôm\",\"district\":\"007\",\"nothing\":null}\n");

    let table = sql(url, &["-c", "SELECT name, 1 AS n FROM venues", "--format", "table"]).await;
    assert_eq!(table.out, " name    │ n\n─────────┼───\n Chợ Hôm │ 1\n");
    assert!(
        table.err.contains("(1 dòng · rows, ") && table.err.contains("as of 2021-10-15T11:30:00+07:00"),
        "{}",
        table.err
    );
}

#[tokio::test]
async fn an_answer_goes_to_a_file_whole_or_not_at_all() {
    let city = market_city().await;
    let url = city.server.url.as_str();
    let path = city.folder.path().join("answer.parquet");
    let named = path.to_str().unwrap();
    let refused = sql(url, &["-c", "SELECT nothing FROM scans", "--format", "parquet", "-o", named]).await;
    assert_eq!((refused.code, path.exists()), (Some(1), false));
    let parquet = sql(url, &["-c", SCANS, "--format", "parquet", "-o", named]).await;
    assert_eq!(parquet.code, Some(0), "{}", parquet.err);
    let bytes = std::fs::read(&path).unwrap();
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    let two = sql(url, &["-c", "SELECT 1; SELECT 2", "--format", "parquet", "-o", named]).await;
    assert_eq!((two.code, std::fs::read(&path).unwrap() == bytes), (Some(2), true), "{}", two.err);
}

#[tokio::test]
async fn a_file_of_statements_is_answered_up_to_the_first_mistake() {
    let city = market_city().await;
    let path = city.folder.path().join("questions.sql");
    std::fs::write(&path, "\u{feff}-- Hai câu; rồi một câu sai\nSELECT 1 AS a;\nSELECT ';' AS b;\n\nSELECT 'Chợ', persn FROM scans;\nSELECT 4")
        .unwrap();
    let said = sql(&city.server.url, &["-f", path.to_str().unwrap()]).await;
    assert_eq!((said.code, said.out.as_str()), (Some(1), "a\n1\n\nb\n;\n\n"));
    assert!(said.err.contains("dòng · line 5, cột · column 15: there is no column persn"), "{}", said.err);
    assert!(said.err.contains("\n  SELECT 'Chợ', persn FROM scans\n                ^\n"), "{}", said.err);
    assert!(said.err.contains("gợi ý · hint: did you mean person?"), "{}", said.err);
}

#[tokio::test]
async fn exit_codes_tell_a_refused_statement_from_a_service_that_is_not_there() {
    let city = market_city().await;
    let url = city.server.url.as_str();
    let writes = sql(url, &["-c", "DELETE FROM scans"]).await;
    assert_eq!(writes.code, Some(1), "{}", writes.err);
    for (to, arguments) in [
        ("http://127.0.0.1:9", ["-c", "SELECT 1"]),
        ("not an address", ["-c", "SELECT 1"]),
        (url, ["-c", " -- nothing"]),
        (url, ["-f", "/nonexistent.sql"]),
    ] {
        let said = sql(to, &arguments).await;
        assert_eq!(said.code, Some(2), "{to} {arguments:?}: {}", said.err);
        assert!(!said.err.is_empty() && said.out.is_empty(), "{to} {arguments:?}");
    }
}

#[tokio::test]
async fn a_bound_that_was_hit_is_named_and_says_what_to_do() {
    let city = City::start(&[
        ("VONGLAU_CITY__CLOCK", "events"),
        ("VONGLAU_SQL__ROWS_MAX", "2"),
        ("VONGLAU_SQL__STATEMENT_TIMEOUT_S", "5"),
    ])
    .await;
    let url = city.server.url.as_str();
    let slow = "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b WHERE a.value <> b.value";
    let slow = sql(url, &["-c", slow]).await;
    assert_eq!(slow.code, Some(1), "{}", slow.err);
    assert!(slow.err.contains("giới hạn · bound: [sql] statement_timeout_s"), "{}", slow.err);
    let many = ["-c", "SELECT * FROM generate_series(1, 3)", "--format"];
    let table = sql(url, &[&many[..], &["table"]].concat()).await;
    assert!(
        table.err.contains("chỉ 2 dòng đầu") && table.err.contains("only the first 2 rows"),
        "{}",
        table.err
    );
    let csv = sql(url, &[&many[..], &["csv"]].concat()).await;
    assert_eq!((csv.out.lines().count(), csv.err.as_str()), (4, ""));
}

/// A service that breaks off each answer, and that tells its catalog or is gone by then.
async fn breaking_service(listener: TcpListener, still_there: bool) {
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        // All of it: what is left unread would cut the answer short by itself.
        while !request.ends_with(if request.starts_with(b"POST") { b"}" } else { b"\r\n\r\n".as_slice() }) {
            assert!(stream.read_buf(&mut request).await.unwrap() > 0, "asked for nothing");
        }
        let is_question = request.starts_with(b"POST");
        let answer = if is_question {
            "HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\ntransfer-encoding: chunked\r\n\r\n6\r\na,b\n1,\r\n"
        } else {
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}"
        };
        if is_question || still_there {
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_never_taken_for_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("answer.csv");
    for (still_there, code) in [(true, 1), (false, 2)] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let service = tokio::spawn(breaking_service(listener, still_there));
        let said = sql(&url, &["-c", "SELECT 1", "-o", path.to_str().unwrap()]).await;
        service.abort();
        assert_eq!(said.code, Some(code), "{}", said.err);
        assert!(said.err.contains("broke off after 6 bytes and is not whole"), "{}", said.err);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "half an answer was left");
    }
}

/// The shell on a terminal of its own, by script(1) of util-linux.
fn on_terminal(url: &str, home: &Path) -> Command {
    let mut command = Command::new("script");
    command.arg("--quiet").arg("--return").arg("--command");
    command.arg(format!("{} sql --to {url}", binary().display())).arg("/dev/null");
    command.env("XDG_STATE_HOME", home).env("TERM", "xterm").env("LANG", "vi_VN.UTF-8").env_remove("LC_ALL");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    command
}

#[tokio::test]
async fn the_shell_on_a_terminal_completes_answers_and_remembers() {
    let city = market_city().await;
    let home = city.folder.path().join("state");
    let mut shell = on_terminal(&city.server.url, &home).spawn().unwrap();
    let (mut keys, mut screen) = (shell.stdin.take().unwrap(), shell.stdout.take().unwrap());
    let mut seen = String::new();
    for (typed, expected) in [
        ("", "\\?"),
        ("SELECT name, 'Hoàn Kiếm' AS t\nFROM venu\t;\n", "│ Hoàn Kiếm"),
        ("\\d venues\n", "ý nghĩa"),
        ("SELECT persn FROM scans;\n", "did you mean person?"),
    ] {
        keys.write_all(typed.as_bytes()).await.unwrap();
        let mut since = Vec::new();
        // It reads on when it prompts again; what is typed before may be lost.
        let has_come = |since: &[u8]| {
            let text = String::from_utf8_lossy(since);
            text.split_once(expected).is_some_and(|(_, after)| after.contains("vonglau> "))
        };
        while !has_come(&since) {
            let length = timeout(DEADLINE, screen.read_buf(&mut since)).await;
            let shown = || format!("{seen}{}", String::from_utf8_lossy(&since));
            let length =
                length.unwrap_or_else(|_| panic!("waited in vain for {expected}: {}", shown())).unwrap();
            assert!(length > 0, "it ended before {expected}: {}", shown());
        }
        seen.push_str(&String::from_utf8_lossy(&since));
    }
    keys.write_all(b"\\q\n").await.unwrap();
    let ended = eventually("the shell ends", async || shell.try_wait().unwrap()).await;
    assert_eq!(ended.code(), Some(0), "{seen}");
    assert!(seen.contains("Chợ Hôm │ Hoàn Kiếm"), "{seen}");

    let history = home.join("vonglau/sql_history");
    let kept = std::fs::read_to_string(&history).unwrap();
    assert!(kept.contains("AS t\\nFROM venues;\n"), "{kept}");
    assert_eq!(std::fs::metadata(&history).unwrap().permissions().mode() & 0o777, 0o600);
}
