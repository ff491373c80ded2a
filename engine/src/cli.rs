//! The command line: what each subcommand takes, and its manual page.

use crate::shell::Format;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Vọng Lâu, the watchtower: what is happening in the city now.
///
/// Check-ins and F0/F1 updates come in, one living picture comes out: a page for the wall, desks for the
/// districts, JSON and a websocket. The same events give the same picture, whatever their order.
///
/// Vọng Lâu: bức tranh sống của thành phố từ lượt quét mã và cập nhật F0/F1.
#[derive(Debug, Parser)]
#[command(name = "vonglau", version, max_term_width = 100, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Demo(DemoArgs),
    Serve(ServeArgs),
    Simulate(SimulateArgs),
    Truth(TruthArgs),
    Import(ImportArgs),
    Sql(SqlArgs),
    /// Check a configuration: ends with 0, or tells every mistake in keys and sheets with its path and what is allowed.
    ///
    /// The files and places that keys name (users, certificates, the archive) are looked at when the service starts.
    ///
    /// Kiểm tra cấu hình.
    #[command(after_long_help = "Example:\n  vonglau check-config --config /etc/vonglau")]
    CheckConfig(FolderArgs),
    /// Print the configuration in force and where each value comes from; secrets are hidden.
    ///
    /// Layers, each over the one before: defaults, --config DIR (vonglau.toml, venue-kinds.toml and alerts.toml
    /// key by key; the tables of levels.toml, districts.csv, wards.csv, geometry.json and landmarks.geojson whole), environment `VONGLAU_SECTION__KEY`, flags.
    ///
    /// In cấu hình đang dùng và nguồn của từng giá trị.
    #[command(
        after_long_help = "Examples:\n  vonglau config\n  VONGLAU_CONTACTS__CONTACT_MIN=10 vonglau config --config /etc/vonglau"
    )]
    Config(FolderArgs),
}

/// Show a simulated Hanoi: starts everything, prints one address.
///
/// A nats-server of its own, the service and a city of 200,000 people whose time runs 60 times faster, with a
/// fortnight of scans and 35 days of case reports behind it. Each demo is a new city in a folder of its own under
/// --folder; the oldest ones are removed. Ctrl-C stops all that it started.
///
/// Chạy thử với một Hà Nội mô phỏng: chỉ một lệnh, một địa chỉ.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  vonglau demo
  vonglau demo --seed 7 --http 127.0.0.1:9000
  DEMO_KEEP=1 vonglau demo                 goes on with the newest demo
  NATS_URL=nats://127.0.0.1:4222 vonglau demo --folder /tmp/demo

nats-server is looked for in NATS_SERVER_BIN, ./bin and the PATH. With NATS_URL that server is
used; its streams must be empty, or those of the demo that DEMO_KEEP goes on with.")]
pub struct DemoArgs {
    /// Folder of the demos; each is a numbered folder in it
    #[arg(long, value_name = "DIR", default_value = "demo-data")]
    pub folder: PathBuf,
    /// Address and port to listen on; port 0 picks one [default: 127.0.0.1:8080, or a free port where that is taken]
    #[arg(long, value_name = "ADDR:PORT")]
    pub http: Option<String>,
    /// Which city: the same seed gives the same events
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Go on with the newest demo instead of a new one (`DEMO_KEEP=1`)
    #[arg(long)]
    pub keep: bool,
}

/// Serve the city: gateway, engine and pages, against a NATS with JetStream.
///
/// The first line on stdout is `listening on http://ADDR:PORT`, printed when HTTP answers, also while NATS cannot
/// be reached. All state comes from the stream EVENTS, which is read from its start. SIGTERM and Ctrl-C end it
/// with 0 within 20 seconds. Logs go to stderr; `RUST_LOG` sets their level (info by default).
///
/// Until there are accounts it listens on loopback only, unless --allow-anonymous is given.
///
/// Phục vụ thành phố: cổng nhận dữ liệu, bộ máy và các trang.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  vonglau serve
  vonglau serve --config /etc/vonglau --data /var/lib/vonglau --nats nats://10.0.0.5:4222
  vonglau serve --http 127.0.0.1:0         picks a free port and prints it
  VONGLAU_CITY__CLOCK=events vonglau serve

Set `sync_interval: always` in the NATS server (see deploy/nats-server.conf): otherwise it
acknowledges before it has written to disk, and the status says `durable: false`.")]
pub struct ServeArgs {
    /// Folder of the city's own configuration, over the defaults
    #[arg(long, value_name = "DIR")]
    pub config: Option<PathBuf>,
    /// Folder of keys and of what only this server knows; secrets have mode 0600
    #[arg(long, value_name = "DIR", default_value = "data")]
    pub data: PathBuf,
    /// Address and port to listen on; port 0 picks one [default: [http] listen]
    #[arg(long, value_name = "ADDR:PORT")]
    pub http: Option<String>,
    /// The NATS server [default: [nats] url]
    #[arg(long, value_name = "URL")]
    pub nats: Option<String>,
    /// Everybody who reaches the address may see and do everything (= [access] open = true); each page says so
    #[arg(long)]
    pub allow_anonymous: bool,
}

/// Send the events of a simulated city to any gateway.
///
/// Households, workplaces, schools, markets, people with daily rhythm, and an epidemic that spreads along their
/// contacts; some scans late, repeated or malformed. The same seed gives the same events, byte for byte.
///
/// Mô phỏng một thành phố và gửi sự kiện tới cổng nhận dữ liệu.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  vonglau simulate --to http://127.0.0.1:8080 --people 20000 --days 2 --seed 1
  vonglau simulate --to http://127.0.0.1:8080 --people 200000 --days 14 --seed 1 --speed 60
  vonglau simulate --to http://127.0.0.1:8080 --people 8400000 --days 1 --seed 1 --rate 50000")]
pub struct SimulateArgs {
    /// The gateway
    #[arg(long, value_name = "URL")]
    pub to: String,
    /// People of the city
    #[arg(long, value_name = "N")]
    pub people: u32,
    /// Days of scans
    #[arg(long, value_name = "N")]
    pub days: u32,
    /// Which city
    #[arg(long, value_name = "N")]
    pub seed: u64,
    /// When it begins, RFC 3339 [default: --days before the gateway's event time, or before the server's clock]
    #[arg(long, value_name = "TIME")]
    pub start: Option<String>,
    /// After these days go on and on, so many times faster than real time [default: end as soon as all is taken]
    #[arg(long, value_name = "X", conflicts_with = "rate")]
    pub speed: Option<f64>,
    /// So many scans a second, whether or not the gateway keeps up
    #[arg(long, value_name = "SCANS_PER_S")]
    pub rate: Option<f64>,
    /// Folder of the city's own configuration: its districts, wards and kinds of venue
    #[arg(long, value_name = "DIR")]
    pub config: Option<PathBuf>,
    /// File to write the ground truth to, NDJSON: {"infected","by","venue","at"}
    #[arg(long, value_name = "FILE")]
    pub truth: Option<PathBuf>,
}

/// Measure how well the tracing finds what really happened: recall and precision, by kind of venue.
///
/// A simulated city whose every infection is known lives through the demo's days without any service; at their end
/// its contact lists are held against the truth. The same options give the same figures. Nothing is tuned on them.
///
/// Đo truy vết tìm được bao nhiêu ca lây nhiễm thật, và bao nhiêu người tiếp xúc cho mỗi ca.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  vonglau truth                             the demo's fortnight
  vonglau truth --seed 7 --json
  VONGLAU_CONTACTS__CONTACT_MIN=10 vonglau truth")]
pub struct TruthArgs {
    /// People of the city
    #[arg(long, value_name = "N", default_value_t = 200_000)]
    pub people: u32,
    /// Days of scans, fewer than are kept; cases are reported from three weeks before them on
    #[arg(long, value_name = "N", default_value_t = 14)]
    pub days: u32,
    /// Which city
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Folder of the city's own configuration [default: the demo's]
    #[arg(long, value_name = "DIR")]
    pub config: Option<PathBuf>,
    /// Print JSON instead of a table
    #[arg(long)]
    pub json: bool,
}

/// Send files of events to a gateway.
///
/// NDJSON (one event a line) or CSV (UTF-8, a header of field names, a column `kind` or --kind), told apart by the
/// first character. Shows its progress and reports what was refused and why. Ends with 0 if all was taken, 1 if some
/// was refused, 2 if it could not run.
///
/// Nhập tệp sự kiện (CSV hoặc NDJSON) vào cổng nhận dữ liệu.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  vonglau import venues.csv --kind venue --to http://127.0.0.1:8080
  vonglau import residents.csv cases.ndjson --to http://127.0.0.1:8080 --report refused.ndjson")]
pub struct ImportArgs {
    /// The files
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// The gateway
    #[arg(long, value_name = "URL")]
    pub to: String,
    /// Kind of every line that does not say its own
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// File to write the refused events' places and reasons to, NDJSON
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
}

/// Ask the city in SQL: a shell with history and completion, or one statement from the command line.
///
/// With -c, -f or SQL on stdin it answers and ends: with 0 if all was answered, 1 if a statement was refused (stderr
/// says where and why), 2 if it could not run. CSV, Arrow and Parquet stream whole, however long; a table, JSON and
/// NDJSON hold as many rows as [sql] `rows_max` allows, and stderr says so where there are more. Without them, on a
/// terminal, it is a shell: \? lists its commands, LANG chooses the language of the descriptions (vi or en).
///
/// Hỏi thành phố bằng SQL: dòng lệnh tương tác có gợi ý và lịch sử, hoặc một câu rồi kết thúc.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  vonglau sql
  vonglau sql -c \"SELECT district, count(*) FROM cases GROUP BY district\"
  vonglau sql -c \"SELECT * FROM visits\" --format parquet -o visits.parquet
  vonglau sql --to http://10.0.0.5:8080 -f questions.sql --format csv > answer.csv")]
pub struct SqlArgs {
    /// The service
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    pub to: String,
    /// One statement, or a command of the shell like \d; then it ends
    #[arg(short = 'c', long = "command", value_name = "SQL", conflicts_with = "file")]
    pub command: Option<String>,
    /// File of statements, each ended by `;` (- is stdin); then it ends
    #[arg(short = 'f', long = "file", value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// How answers are written [default: table on a terminal, csv otherwise]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// File to write the answer to; it appears once the answer is whole
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Which configuration.
#[derive(Debug, Args)]
pub struct FolderArgs {
    /// Folder of the city's own configuration, over the defaults
    #[arg(long, value_name = "DIR")]
    pub config: Option<PathBuf>,
}
