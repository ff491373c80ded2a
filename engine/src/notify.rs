//! Tells the world outside of alerts: `alert.<district>` on NATS, the row of `/api/v1/alerts`.

use tokio::sync::mpsc;
use vonglau_core::rows::AlertRow;
use vonglau_core::time::Zone;
use vonglau_ingest::Nats;

/// Alerts that may wait for NATS; further ones are counted and not sent. The list of alerts has them all.
pub const ALERTS_WAITING_MAX: usize = 1_024;
/// The subject of an alert whose place is in no district.
const NO_DISTRICT: &str = "none";

/// Publishes each alert until the driver is gone.
pub async fn run(mut alerts: mpsc::Receiver<AlertRow>, nats: Nats, zone: Zone) {
    while let Some(row) = alerts.recv().await {
        let subject = format!("alert.{}", row.district.as_deref().unwrap_or(NO_DISTRICT));
        let body = match serde_json::to_vec(&vonglau_dashboard::wire::alerts::AlertRow::new(&row, &zone)) {
            Ok(body) => body,
            Err(error) => {
                tracing::error!(%error, alert = %row.id, "an alert could not be written as JSON");
                continue;
            }
        };
        let sent = match nats.client() {
            Some(client) => client.publish(subject, body.into()).await.map_err(|error| error.to_string()),
            None => Err("NATS cannot be reached".to_owned()),
        };
        if let Err(error) = sent {
            tracing::warn!(%error, alert = %row.id, "an alert was not sent to NATS");
        }
    }
}
