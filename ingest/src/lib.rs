//! How events come in: wire schema, validation, pseudonyms, gateway, JetStream, import, simulator.
