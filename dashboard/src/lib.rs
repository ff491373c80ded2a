//! What people see: HTTP API, websocket hub, the web app.
