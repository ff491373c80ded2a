//! What all connections share, and what answers one of them.

use super::auth::{Door, Greeting, Users};
use super::errors::stopping;
use super::session::Session;
use super::simple::Out;
use super::statement::Reader;
use super::system::System;
use super::tls::Tls;
use super::{PgOptions, USER};
use crate::run::Sql;
use async_trait::async_trait;
use datafusion_postgres::pgwire::api::auth::StartupHandler;
use datafusion_postgres::pgwire::api::auth::sasl::SASLAuthStartupHandler;
use datafusion_postgres::pgwire::api::cancel::{CancelHandler, DefaultCancelHandler};
use datafusion_postgres::pgwire::api::portal::Portal;
use datafusion_postgres::pgwire::api::query::{
    ExtendedQueryHandler, SimpleQueryHandler, send_ready_for_query,
};
use datafusion_postgres::pgwire::api::results::Response;
use datafusion_postgres::pgwire::api::stmt::NoopQueryParser;
use datafusion_postgres::pgwire::api::store::PortalStore;
use datafusion_postgres::pgwire::api::{
    ClientInfo, ClientPortalStore, ConnectionHandle, ConnectionManager, METADATA_USER, PgWireConnectionState,
    PgWireServerHandlers, RandomPidSecretKeyGenerator,
};
use datafusion_postgres::pgwire::error::{PgWireError, PgWireResult};
use datafusion_postgres::pgwire::messages::PgWireBackendMessage;
use datafusion_postgres::pgwire::messages::extendedquery::{
    Bind, Close, Describe, Execute, Flush, Parse, Sync as SyncMessage,
};
use datafusion_postgres::pgwire::messages::response::TransactionStatus;
use datafusion_postgres::pgwire::messages::simplequery::Query;
use futures_util::{Sink, SinkExt};
use std::fmt::Debug;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

/// What all connections share.
pub struct Server {
    pub sql: Sql,
    pub system: System,
    pub reader: Reader,
    pub users: Arc<Users>,
    pub tls: Option<Tls>,
    /// The longest a statement may run.
    pub bound: Duration,
    pub cancels: Arc<ConnectionManager>,
    pub numbers: Arc<RandomPidSecretKeyGenerator>,
    pub stop: CancellationToken,
}

impl Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("sql", &self.sql).finish_non_exhaustive()
    }
}

impl Server {
    /// Makes the system catalog and what passwords are checked against.
    ///
    /// # Errors
    /// The certificate cannot be used; the system catalog cannot be made, which is a fault of ours.
    pub async fn new(sql: Sql, options: &PgOptions, stop: CancellationToken) -> io::Result<Self> {
        let tls = options.tls.as_ref().map(|(certificate, key)| Tls::read(certificate, key)).transpose()?;
        let others = options.users.iter().map(|(name, secret)| (name.as_str(), secret));
        let users = Arc::new(Users::new(others.chain([(USER, &options.password)])));
        let system = System::new(sql.template(), users.names()).await.map_err(io::Error::other)?;
        let bound = sql.bounds().timeout();
        let (cancels, numbers) = (Arc::default(), Arc::default());
        Ok(Self { sql, system, reader: Reader::new(), users, tls, bound, cancels, numbers, stop })
    }
}

/// What answers one connection.
pub struct Handler {
    pub server: Arc<Server>,
    greeting: Greeting,
    session: Mutex<Option<Session>>,
    is_busy: AtomicBool,
    given_up: CancellationToken,
}

impl Handler {
    /// For one connection; `given_up` is told when its client does not listen any more.
    pub fn new(server: &Arc<Server>, given_up: CancellationToken) -> Self {
        Self {
            server: Arc::clone(server),
            greeting: Greeting { zone: Arc::clone(server.system.zone()), bound: server.bound },
            session: Mutex::new(None),
            is_busy: AtomicBool::new(false),
            given_up,
        }
    }

    /// Ends the connection without a word: the client does not listen.
    pub fn give_up(&self) {
        self.given_up.cancel();
    }

    /// Runs work with the session; a cancel request or the end of the server ends it.
    async fn with<C>(&self, client: &mut C, work: Work) -> PgWireResult<()>
    where
        C: ClientInfo + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        let mut held = self.session.lock().await;
        let session = held.get_or_insert_with(|| {
            let user = client.metadata().get(METADATA_USER).map(String::as_str).unwrap_or_default();
            Session::new(user, client.pid_and_secret_key().0, self.greeting.settings(client))
        });
        let mut status = client.transaction_status();
        let handle = client.session_extensions().get::<Arc<ConnectionHandle>>();
        let canceled = async {
            match handle {
                Some(handle) => match handle.start_query().await.await {
                    Ok(()) => {}
                    Err(_replaced) => std::future::pending().await,
                },
                None => std::future::pending().await,
            }
        };
        self.is_busy.store(true, Ordering::Relaxed);
        let done = {
            let mut out = (&mut *client).sink_map_err(PgWireError::from);
            tokio::select! {
                done = self.run(session, &mut out, work, &mut status) => done,
                () = canceled => Err(PgWireError::QueryCanceled),
                () = self.server.stop.cancelled() => Err(stopping()),
            }
        };
        self.is_busy.store(false, Ordering::Relaxed);
        client.set_transaction_status(status);
        done
    }

    async fn run(
        &self,
        session: &mut Session,
        out: &mut Out<'_>,
        work: Work,
        status: &mut TransactionStatus,
    ) -> PgWireResult<()> {
        match work {
            Work::Text(text) => self.texts(session, out, &text, status).await,
            Work::Parse(message) => self.parse(session, out, message).await,
            Work::Bind(message) => self.bind(session, out, message).await,
            Work::Describe(message) => self.describe(session, out, message).await,
            Work::Execute(message) => self.execute(session, out, message, status).await,
            Work::Close(message) => self.close(session, out, message).await,
            Work::EndExchange => {
                if *status == TransactionStatus::Idle {
                    session.end_exchange();
                } else {
                    session.end_planning();
                }
                Ok(())
            }
        }
    }
}

/// What a message asks for.
enum Work {
    Text(String),
    Parse(Parse),
    Bind(Bind),
    Describe(Describe),
    Execute(Execute),
    Close(Close),
    EndExchange,
}

/// Handlers of one connection.
pub struct Connection {
    handler: Arc<Handler>,
    door: Arc<Door>,
    cancel: Arc<DefaultCancelHandler>,
}

impl Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}

impl Connection {
    /// Handlers for a new connection; `given_up` is told when the client does not listen any more.
    ///
    /// # Errors
    /// When SCRAM cannot be bound to the certificate.
    pub fn new(server: &Arc<Server>, given_up: CancellationToken) -> PgWireResult<Self> {
        let greeting = Greeting { zone: Arc::clone(server.system.zone()), bound: server.bound };
        let certificate = server.tls.as_ref().map(|tls| tls.certificate.as_slice());
        let inner = SASLAuthStartupHandler::new(Arc::new(greeting))
            .with_scram(server.users.scram(certificate)?)
            .with_pid_secret_key_generator(Arc::clone(&server.numbers) as _)
            .with_connection_manager(Arc::clone(&server.cancels));
        let cancel = Arc::new(DefaultCancelHandler::new(Arc::clone(&server.cancels)));
        Ok(Self { handler: Arc::new(Handler::new(server, given_up)), door: Arc::new(Door { inner }), cancel })
    }

    /// Whether a statement is being answered.
    pub fn is_busy(&self) -> bool {
        self.handler.is_busy.load(Ordering::Relaxed)
    }
}

impl PgWireServerHandlers for Connection {
    fn simple_query_handler(&self) -> Arc<impl SimpleQueryHandler> {
        Arc::clone(&self.handler)
    }
    fn extended_query_handler(&self) -> Arc<impl ExtendedQueryHandler> {
        Arc::clone(&self.handler)
    }
    fn startup_handler(&self) -> Arc<impl StartupHandler> {
        Arc::clone(&self.door)
    }
    fn cancel_handler(&self) -> Arc<impl CancelHandler> {
        Arc::clone(&self.cancel)
    }
}

#[async_trait]
impl SimpleQueryHandler for Handler {
    async fn on_query<C>(&self, client: &mut C, query: Query) -> PgWireResult<()>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        client.set_state(PgWireConnectionState::QueryInProgress);
        self.with(client, Work::Text(query.query)).await?;
        client.set_state(PgWireConnectionState::ReadyForQuery);
        let status = client.transaction_status();
        send_ready_for_query(client, status).await
    }

    async fn do_query<C>(&self, _client: &mut C, _query: &str) -> PgWireResult<Vec<Response>>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        // Never called: `on_query` above answers while it reads, so that nothing waits in memory.
        Err(PgWireError::NotReadyForQuery)
    }
}

/// The handlers that differ only in the message: each hands it on with the session.
macro_rules! extended {
    ($($name:ident($message:ty) => $work:expr;)*) => {
        #[async_trait]
        impl ExtendedQueryHandler for Handler {
        type Statement = String;
        type QueryParser = NoopQueryParser;

        fn query_parser(&self) -> Arc<Self::QueryParser> {
            Arc::new(NoopQueryParser)
        }

    $(
            async fn $name<C>(&self, client: &mut C, message: $message) -> PgWireResult<()>
            where
                C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
                C::PortalStore: PortalStore<Statement = Self::Statement>,
                C::Error: Debug,
                PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
            {
                self.with(client, $work(message)).await
            }
    )*

        async fn on_flush<C>(&self, client: &mut C, _message: Flush) -> PgWireResult<()>
        where
            C: ClientInfo + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
            C::Error: Debug,
            PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
        {
            client.flush().await.map_err(PgWireError::from)
        }

        async fn on_sync<C>(&self, client: &mut C, _message: SyncMessage) -> PgWireResult<()>
        where
            C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
            C::PortalStore: PortalStore<Statement = Self::Statement>,
            C::Error: Debug,
            PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
        {
            self.with(client, Work::EndExchange).await?;
            let status = client.transaction_status();
            send_ready_for_query(client, status).await
        }

        async fn do_query<C>(
            &self,
            _client: &mut C,
            _portal: &Portal<Self::Statement>,
            _max_rows: usize,
        ) -> PgWireResult<Response>
        where
            C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
            C::PortalStore: PortalStore<Statement = Self::Statement>,
            C::Error: Debug,
            PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
        {
            // Never called: `on_execute` above answers.
            Err(PgWireError::NotReadyForQuery)
        }
        }
    };
}

extended! {
    on_parse(Parse) => Work::Parse;
    on_bind(Bind) => Work::Bind;
    on_describe(Describe) => Work::Describe;
    on_execute(Execute) => Work::Execute;
    on_close(Close) => Work::Close;
}
