-- +goose Up
-- The longest pause between two receipts of a source says how long it may be silent.
ALTER TABLE sources ADD COLUMN longest_pause BIGINT NOT NULL DEFAULT 0;
UPDATE sources SET longest_pause = COALESCE((
    SELECT max(pause) FROM (
        SELECT received_at - lag(received_at) OVER (ORDER BY received_at) AS pause FROM receipts WHERE source = sources.name
    )
), 0);

-- Since when each source could have sent something, whether it ever did or not.
CREATE TABLE expected_sources (
    name  TEXT   NOT NULL PRIMARY KEY,
    since BIGINT NOT NULL
);

-- +goose Down
DROP TABLE expected_sources;
ALTER TABLE sources DROP COLUMN longest_pause;
