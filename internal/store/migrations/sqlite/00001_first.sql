-- +goose Up
CREATE TABLE receipts (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    source      TEXT    NOT NULL,
    dedupe_key  TEXT    NOT NULL,
    header      TEXT    NOT NULL,
    body        BLOB    NOT NULL,
    received_at BIGINT  NOT NULL,
    state       TEXT    NOT NULL DEFAULT 'New',
    attempts    INTEGER NOT NULL DEFAULT 0,
    due_at      BIGINT  NOT NULL DEFAULT 0,
    problem     TEXT    NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX receipts_once ON receipts (source, dedupe_key);
CREATE INDEX receipts_due ON receipts (due_at) WHERE state = 'New';
CREATE INDEX receipts_quarantined ON receipts (source) WHERE state = 'Quarantined';

-- The last sign of life of each source outlives the receipts, and saves the report a scan.
CREATE TABLE sources (
    name        TEXT   NOT NULL PRIMARY KEY,
    received_at BIGINT NOT NULL
);

CREATE TABLE orders (
    id          TEXT   NOT NULL PRIMARY KEY,
    source      TEXT   NOT NULL,
    external_id TEXT   NOT NULL,
    number_key  TEXT   NOT NULL,
    placed_at   BIGINT NOT NULL,
    body        TEXT   NOT NULL
);
CREATE UNIQUE INDEX orders_external ON orders (source, external_id) WHERE external_id <> '';
CREATE INDEX orders_number ON orders (number_key);

-- A parcel without an order is one whose carrier spoke first; the hints are what it said of the order.
CREATE TABLE parcels (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    order_id      TEXT REFERENCES orders (id) ON DELETE CASCADE,
    carrier       TEXT   NOT NULL,
    number        TEXT   NOT NULL,
    number_key    TEXT   NOT NULL,
    shipment_id   TEXT   NOT NULL,
    url           TEXT   NOT NULL,
    first_at      BIGINT NOT NULL,
    last_at       BIGINT NOT NULL,
    hint_number   TEXT   NOT NULL,
    hint_external TEXT   NOT NULL
);
CREATE INDEX parcels_number ON parcels (number_key);
CREATE INDEX parcels_order ON parcels (order_id);
CREATE INDEX parcels_orphans ON parcels (id) WHERE order_id IS NULL;

CREATE TABLE events (
    parcel_id INTEGER NOT NULL REFERENCES parcels (id) ON DELETE CASCADE,
    event_key TEXT    NOT NULL,
    at        BIGINT  NOT NULL,
    body      TEXT    NOT NULL,
    PRIMARY KEY (parcel_id, event_key)
);

CREATE TABLE messages (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    order_id    TEXT    NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    occasion    TEXT    NOT NULL,
    parcel      TEXT    NOT NULL,
    about       TEXT    NOT NULL,
    channel     TEXT    NOT NULL,
    level       TEXT    NOT NULL,
    occurred_at BIGINT  NOT NULL,
    heard_at    BIGINT  NOT NULL,
    not_before  BIGINT  NOT NULL,
    state       TEXT    NOT NULL DEFAULT 'Waiting',
    attempts    INTEGER NOT NULL DEFAULT 0,
    finished_at BIGINT  NOT NULL DEFAULT 0,
    problem     TEXT    NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX messages_once ON messages (order_id, occasion, channel, parcel);
CREATE INDEX messages_due ON messages (not_before) WHERE state IN ('Waiting', 'Sending');
CREATE INDEX messages_failed ON messages (id) WHERE state = 'Failed';

CREATE TABLE decisions (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    order_id   TEXT   NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    occasion   TEXT   NOT NULL,
    parcel     TEXT   NOT NULL,
    asked      TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    action     TEXT   NOT NULL,
    channel    TEXT   NOT NULL,
    not_before BIGINT NOT NULL,
    rule       TEXT   NOT NULL,
    words      TEXT   NOT NULL
);
CREATE INDEX decisions_order ON decisions (order_id);

CREATE TABLE preferences (
    kind            TEXT   NOT NULL,
    subject         TEXT   NOT NULL,
    unsubscribed_at BIGINT NOT NULL,
    PRIMARY KEY (kind, subject)
);

CREATE TABLE unmapped_codes (
    source  TEXT    NOT NULL,
    code    TEXT    NOT NULL,
    seen    INTEGER NOT NULL,
    last_at BIGINT  NOT NULL,
    PRIMARY KEY (source, code)
);

-- +goose Down
DROP TABLE unmapped_codes;
DROP TABLE preferences;
DROP TABLE decisions;
DROP TABLE messages;
DROP TABLE events;
DROP TABLE parcels;
DROP TABLE orders;
DROP TABLE sources;
DROP TABLE receipts;
