-- +goose Up
-- What delivered parcels took, counted by lane: a carrier between two countries. The sample is tracking.LaneSample.
CREATE TABLE lanes (
    lane   TEXT NOT NULL PRIMARY KEY,
    sample TEXT NOT NULL
);
-- The mail address was corrected: links that name no recipient were sent to the wrong one and open nothing any more.
ALTER TABLE order_state ADD COLUMN links_revoked INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE order_state DROP COLUMN links_revoked;
DROP TABLE lanes;
