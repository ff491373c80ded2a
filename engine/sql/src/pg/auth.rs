//! Who may come in: users with passwords, by SCRAM-SHA-256 and nothing else.

use super::errors::{fatal, state};
use super::password::Secret;
use super::settings::Settings;
use crate::catalog::CATALOG;
use async_trait::async_trait;
use datafusion_postgres::pgwire::api::auth::sasl::SASLAuthStartupHandler;
use datafusion_postgres::pgwire::api::auth::sasl::scram::{
    SCRAM_ITERATIONS, ScramAuth, gen_salted_password, random_nonce,
};
use datafusion_postgres::pgwire::api::auth::{
    AuthSource, LoginInfo, Password, ServerParameterProvider, StartupHandler,
};
use datafusion_postgres::pgwire::api::{ClientInfo, METADATA_DATABASE, METADATA_USER};
use datafusion_postgres::pgwire::error::{PgWireError, PgWireResult};
use datafusion_postgres::pgwire::messages::startup::Startup;
use datafusion_postgres::pgwire::messages::{PgWireBackendMessage, PgWireFrontendMessage};
use futures_util::Sink;
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

/// Users by name, each with a salt and what is made of the password with it; passwords themselves are not kept.
pub struct Users {
    known: HashMap<String, Password>,
    /// Makes salts for names that are not there, always the same for a name, so that nobody learns which are.
    strangers: [RandomState; 2],
}

impl Users {
    /// Salts and hashes the passwords: some milliseconds each.
    pub fn new<'a>(users: impl IntoIterator<Item = (&'a str, &'a Secret)>) -> Self {
        let salted = |secret: &Secret| {
            let salt = random_nonce().into_bytes();
            let hashed = gen_salted_password(secret.reveal(), &salt, SCRAM_ITERATIONS);
            Password::new(Some(salt), hashed)
        };
        let known = users.into_iter().map(|(name, secret)| (name.to_owned(), salted(secret))).collect();
        Self { known, strangers: [RandomState::new(), RandomState::new()] }
    }

    /// Names of all users.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.known.keys().cloned().collect();
        names.sort_unstable();
        names
    }

    /// SCRAM against these users; with the server's certificate the exchange is bound to the TLS connection.
    pub fn scram(self: &Arc<Self>, certificate: Option<&[u8]>) -> PgWireResult<ScramAuth> {
        let mut scram = ScramAuth::new(Arc::clone(self) as Arc<dyn AuthSource>);
        scram.set_iterations(SCRAM_ITERATIONS);
        if let Some(certificate) = certificate {
            scram.configure_certificate(certificate)?;
        }
        Ok(scram)
    }
}

impl fmt::Debug for Users {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Users").field("names", &self.names()).finish_non_exhaustive()
    }
}

#[async_trait]
impl AuthSource for Users {
    async fn get_password(&self, login: &LoginInfo) -> PgWireResult<Password> {
        let name = login.user().unwrap_or_default();
        if let Some(password) = self.known.get(name) {
            return Ok(password.clone());
        }
        let salt: Vec<u8> =
            self.strangers.iter().flat_map(|made| made.hash_one(name).to_be_bytes()).collect();
        // A password that nobody has: random bytes, never kept.
        Ok(Password::new(Some(salt), random_nonce().into_bytes()))
    }
}

/// What clients are told when they are in.
#[derive(Debug)]
pub struct Greeting {
    pub zone: Arc<str>,
    /// The longest a statement may run.
    pub bound: Duration,
}

impl Greeting {
    /// Settings of a session as the client's first message wants them.
    pub fn settings(&self, client: &impl ClientInfo) -> Settings {
        let metadata = client.metadata();
        let user = metadata.get(METADATA_USER).map(String::as_str).unwrap_or_default();
        let options = metadata.get("options").map(String::as_str).unwrap_or_default();
        let asked = metadata.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Settings::new(user, &self.zone, self.bound, asked.chain(options_of(options)))
    }
}

impl ServerParameterProvider for Greeting {
    fn server_parameters<C: ClientInfo>(&self, client: &C) -> Option<HashMap<String, String>> {
        let settings = self.settings(client);
        Some(settings.reported().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

/// `-c name=value` and `--name=value`, as libpq passes them.
fn options_of(options: &str) -> impl Iterator<Item = (&str, &str)> {
    options.split_whitespace().filter_map(|word| {
        let word = word.strip_prefix("-c").or_else(|| word.strip_prefix("--")).unwrap_or(word);
        word.split_once('=')
    })
}

/// Checks the database, then the password.
pub struct Door {
    pub inner: SASLAuthStartupHandler<Greeting>,
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door").finish_non_exhaustive()
    }
}

#[async_trait]
impl StartupHandler for Door {
    async fn on_startup<C>(&self, client: &mut C, message: PgWireFrontendMessage) -> PgWireResult<()>
    where
        C: ClientInfo + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::Error: fmt::Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        if let PgWireFrontendMessage::Startup(startup) = &message {
            check(startup)?;
        }
        self.inner.on_startup(client, message).await.map_err(refused)
    }
}

fn check(startup: &Startup) -> PgWireResult<()> {
    let Some(user) = startup.parameters.get(METADATA_USER) else {
        return Err(PgWireError::UserNameRequired);
    };
    let database = startup.parameters.get(METADATA_DATABASE).unwrap_or(user);
    if database != CATALOG {
        let message = format!("there is no database {database}");
        return Err(fatal(state::NO_DATABASE, message, Some("the database is vonglau")));
    }
    if startup.parameters.get("replication").is_some_and(|asked| asked != "false" && asked != "off") {
        return Err(fatal(state::NOT_SUPPORTED, "there is no replication here", None));
    }
    Ok(())
}

/// Whatever goes wrong before somebody is in ends the connection.
fn refused(error: PgWireError) -> PgWireError {
    match error {
        PgWireError::InvalidPassword(_) => {
            fatal("28P01", "user or password is not right", Some("the password is in data/postgres.password"))
        }
        PgWireError::UserError(info) if info.is_fatal() => PgWireError::UserError(info),
        PgWireError::IoError(error) => PgWireError::IoError(error),
        other => fatal(state::PROTOCOL, other.to_string(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_libpq_are_read() {
        let read: Vec<_> =
            options_of("-c statement_timeout=5s -c work_mem=1MB --jit=off -csearch_path=public").collect();
        let wanted =
            [("statement_timeout", "5s"), ("work_mem", "1MB"), ("jit", "off"), ("search_path", "public")];
        assert_eq!(read, wanted);
    }

    #[tokio::test]
    async fn a_name_that_is_not_there_gets_the_same_salt_each_time() -> PgWireResult<()> {
        let users = Users::new([("vonglau", &Secret::new("x"))]);
        let login = |name| LoginInfo::new(Some(name), None, String::new());
        let salt = |password: Password| password.salt().map(<[u8]>::to_vec);
        let first = salt(users.get_password(&login("nobody")).await?);
        assert_eq!(first, salt(users.get_password(&login("nobody")).await?));
        assert_ne!(first, salt(users.get_password(&login("somebody")).await?));
        assert_eq!(users.names(), ["vonglau"]);
        Ok(())
    }
}
