//! The binary `vonglau`: reads the command line, runs one subcommand, gives its exit code.

use anyhow::{Context as _, anyhow};
use clap::Parser as _;
use std::io::{IsTerminal as _, Write as _, stderr, stdout};
use std::process::ExitCode;
use std::time::Duration;
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;
use vonglau::cli::{Cli, Command, FolderArgs, ImportArgs, ServeArgs};
use vonglau::config::{Asked, Config, environment};
use vonglau::serve::Running;
use vonglau::{allocator, demo, serve, shell, simulate, truth};
use vonglau_core::event::Kind;
use vonglau_sql::check::depth::STACK_BYTES;

/// Tasks that do not look up at shutdown get so long.
const RUNTIME_STOP_TIMEOUT: Duration = Duration::from_secs(1);
/// What could not run at all ends so; 1 is for what ran and found something wrong.
const COULD_NOT_RUN: u8 = 2;

fn main() -> ExitCode {
    let asked = allocator::ask();
    let cli = Cli::parse();
    // A demo tells its own progress; the client library's words on a cut are told better by the gateway.
    let usual = if matches!(cli.command, Command::Demo(_)) { "warn" } else { "info,async_nats=warn" };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_unset| EnvFilter::new(usual));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal())
        .init();
    if let Err(error) = asked {
        tracing::warn!("memory is in small pages, everything goes some quarter slower: {error}");
    }
    match run(cli.command) {
        Ok(code) => code,
        Err(error) => {
            // Nobody is left to be told when stderr is closed.
            drop(writeln!(stderr(), "vonglau: {error:#}"));
            ExitCode::from(COULD_NOT_RUN)
        }
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::CheckConfig(args) => check_config(&args),
        Command::Config(args) => {
            print(&load(&asked(&args))?.show())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Serve(args) => on_runtime(serve(args)),
        Command::Demo(args) => on_runtime(async {
            let shutdown = until_signal()?;
            demo::run(args, shutdown).await?;
            Ok(ExitCode::SUCCESS)
        }),
        Command::Truth(args) => {
            let demo = args.config.is_none();
            let config = load(&Asked { demo, folder: args.config.clone(), ..Asked::default() })?;
            print(&truth::run(&args, &config)?)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Simulate(args) => on_runtime(async {
            let config = load(&Asked { folder: args.config.clone(), ..Asked::default() })?;
            simulate::run(args, &config, until_signal()?).await?;
            Ok(ExitCode::SUCCESS)
        }),
        Command::Import(args) => on_runtime(import(args)),
        Command::Sql(args) => on_runtime(async { Ok(shell::run(args).await) }),
    }
}

fn on_runtime(work: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    // Statements are parsed on its threads.
    let runtime = Builder::new_multi_thread().enable_all().thread_stack_size(STACK_BYTES).build();
    let runtime = runtime.context("no threads for the runtime")?;
    let done = runtime.block_on(work);
    runtime.shutdown_timeout(RUNTIME_STOP_TIMEOUT);
    done
}

fn asked(args: &FolderArgs) -> Asked {
    Asked { folder: args.config.clone(), ..Asked::default() }
}

fn load(asked: &Asked) -> anyhow::Result<Config> {
    Ok(Config::load(asked, environment())?)
}

fn print(text: &str) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).context("stdout is closed")
}

fn check_config(args: &FolderArgs) -> anyhow::Result<ExitCode> {
    match Config::load(&asked(args), environment()) {
        Ok(_) => {
            print("the configuration is good\n")?;
            Ok(ExitCode::SUCCESS)
        }
        Err(faults) => {
            drop(writeln!(stderr(), "{faults}"));
            Ok(ExitCode::FAILURE)
        }
    }
}

async fn serve(args: ServeArgs) -> anyhow::Result<ExitCode> {
    let asked = Asked {
        folder: args.config,
        http: args.http,
        nats: args.nats,
        allow_anonymous: args.allow_anonymous,
        ..Asked::default()
    };
    let config = load(&asked)?;
    let shutdown = until_signal()?;
    let listening = |running: Running| {
        if let Err(error) = print(&format!("listening on http://{}\n", running.address)) {
            tracing::warn!(%error, "the address could not be printed");
        }
    };
    serve::serve(config, &args.data, Box::new(listening), shutdown).await?;
    Ok(ExitCode::SUCCESS)
}

async fn import(args: ImportArgs) -> anyhow::Result<ExitCode> {
    let named =
        |name: String| Kind::named(&name).ok_or_else(|| anyhow!("--kind {name}: no such kind of event"));
    let kind = args.kind.map(named).transpose()?;
    let options =
        vonglau_ingest::import::ImportOptions { files: args.files, to: args.to, kind, report: args.report };
    let all_taken = vonglau_ingest::import::run(options).await?;
    Ok(if all_taken { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A token that is cancelled by Ctrl-C, SIGTERM or the terminal's end.
fn until_signal() -> anyhow::Result<CancellationToken> {
    let mut signals = Vec::new();
    for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
        signals.push(signal(kind).context("signals cannot be waited for")?);
    }
    let token = CancellationToken::new();
    for mut signal in signals {
        let token = token.clone();
        tokio::spawn(async move {
            signal.recv().await;
            tracing::info!("stopping");
            token.cancel();
        });
    }
    Ok(token)
}
