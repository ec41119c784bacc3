-- +goose Up
-- 3, 5 and 6 are files of their own, because each is a transaction: while one runs, no receipt can be stored.

-- Who may open the database: programs whose reader number is at least this.
CREATE TABLE schema_readable (min_reader INTEGER NOT NULL);
INSERT INTO schema_readable (min_reader) VALUES (1);

-- What each source says of each of its resources. The body is tracking.Record, see body.go.
CREATE TABLE records (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    source      TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    ref         TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    first_heard BIGINT NOT NULL,
    last_heard  BIGINT NOT NULL,
    body        BLOB   NOT NULL
);
CREATE UNIQUE INDEX records_once ON records (source, kind, ref);
CREATE INDEX records_open ON records (state, last_heard) WHERE state <> 'Joined';

CREATE TABLE record_keys (
    key       TEXT    NOT NULL,
    record_id INTEGER NOT NULL REFERENCES records (id) ON DELETE CASCADE,
    PRIMARY KEY (key, record_id)
) WITHOUT ROWID;
CREATE INDEX record_keys_record ON record_keys (record_id);

-- A tracker of a box that carries several orders is a record of each.
CREATE TABLE order_records (
    order_id  TEXT    NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    record_id INTEGER NOT NULL REFERENCES records (id) ON DELETE CASCADE,
    PRIMARY KEY (order_id, record_id)
) WITHOUT ROWID;
CREATE INDEX order_records_record ON order_records (record_id);

-- What is decided of an order and when it is due again, beside the row that the version before writes.
CREATE TABLE order_state (
    order_id     TEXT    NOT NULL PRIMARY KEY REFERENCES orders (id) ON DELETE CASCADE,
    merged_into  TEXT    NOT NULL DEFAULT '',
    bounds       TEXT    NOT NULL DEFAULT '',
    seen         TEXT    NOT NULL DEFAULT '',
    muted_until  BIGINT  NOT NULL DEFAULT 0,
    evaluated_at BIGINT  NOT NULL DEFAULT 0,
    next_look    BIGINT  NOT NULL DEFAULT 0,
    look_lease   BIGINT  NOT NULL DEFAULT 0,
    look_claims  INTEGER NOT NULL DEFAULT 0,
    bundle_hash  TEXT    NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE INDEX order_state_look ON order_state (next_look) WHERE next_look > 0;
CREATE INDEX order_state_bundle ON order_state (bundle_hash, order_id) WHERE merged_into = '';
CREATE INDEX order_state_merged ON order_state (merged_into) WHERE merged_into <> '';

ALTER TABLE decisions ADD COLUMN subject TEXT NOT NULL DEFAULT '';
ALTER TABLE decisions ADD COLUMN instance TEXT NOT NULL DEFAULT '';
ALTER TABLE decisions ADD COLUMN recipient_role TEXT NOT NULL DEFAULT '';

-- Every choice that was made; the newest of a subject counts. The table preferences stays what the version before reads:
-- it has a row while the choice leaves out routine news.
CREATE TABLE choices (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    kind    TEXT   NOT NULL,
    subject TEXT   NOT NULL,
    choice  TEXT   NOT NULL,
    at      BIGINT NOT NULL
);
CREATE INDEX choices_subject ON choices (kind, subject, id);

-- Receipts: attempts counts claims and fences, tries counts failures that were the receipt's own, returned counts claims that were
-- given back. replay is 1 for a replay, 2 for a muted one.
ALTER TABLE receipts ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE receipts ADD COLUMN returned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE receipts ADD COLUMN replay INTEGER NOT NULL DEFAULT 0;
ALTER TABLE receipts ADD COLUMN understood INTEGER NOT NULL DEFAULT 0;
ALTER TABLE receipts ADD COLUMN definition TEXT NOT NULL DEFAULT '';

-- Receipts in state 'Waiting', whose source was not known to the process that found them. A table of its own, because an index
-- over the receipts would have to read all their bodies once, while no receipt can be stored.
CREATE TABLE parked (
    receipt_id INTEGER PRIMARY KEY REFERENCES receipts (id) ON DELETE CASCADE,
    source     TEXT NOT NULL
);
CREATE INDEX parked_source ON parked (source, receipt_id);

-- Elements that could not be read, of receipts whose others could.
CREATE TABLE quarantine (
    receipt_id INTEGER NOT NULL REFERENCES receipts (id) ON DELETE CASCADE,
    path       TEXT    NOT NULL,
    problem    TEXT    NOT NULL,
    source     TEXT    NOT NULL,
    at         BIGINT  NOT NULL,
    PRIMARY KEY (receipt_id, path)
);
CREATE INDEX quarantine_source ON quarantine (source);

CREATE TABLE degraded_fields (
    source  TEXT    NOT NULL,
    field   TEXT    NOT NULL,
    seen    INTEGER NOT NULL,
    last_at BIGINT  NOT NULL,
    PRIMARY KEY (source, field)
);

-- Which receipts an unmapped code came in, for a replay after it was mapped.
CREATE TABLE unmapped_receipts (
    source     TEXT    NOT NULL,
    code       TEXT    NOT NULL,
    receipt_id INTEGER NOT NULL REFERENCES receipts (id) ON DELETE CASCADE,
    PRIMARY KEY (source, code, receipt_id)
) WITHOUT ROWID;
CREATE INDEX unmapped_receipts_receipt ON unmapped_receipts (receipt_id);

CREATE TABLE source_definitions (
    source TEXT NOT NULL PRIMARY KEY,
    hash   TEXT NOT NULL
);

-- +goose Down
DROP TABLE source_definitions;
DROP TABLE unmapped_receipts;
DROP TABLE degraded_fields;
DROP TABLE quarantine;
UPDATE receipts SET state = 'New' WHERE id IN (SELECT receipt_id FROM parked);
DROP TABLE parked;
ALTER TABLE receipts DROP COLUMN definition;
ALTER TABLE receipts DROP COLUMN understood;
ALTER TABLE receipts DROP COLUMN replay;
ALTER TABLE receipts DROP COLUMN returned;
ALTER TABLE receipts DROP COLUMN tries;
DROP TABLE choices;
ALTER TABLE decisions DROP COLUMN recipient_role;
ALTER TABLE decisions DROP COLUMN instance;
ALTER TABLE decisions DROP COLUMN subject;
DROP TABLE order_state;
DROP TABLE order_records;
DROP TABLE record_keys;
DROP TABLE records;
DROP TABLE schema_readable;
