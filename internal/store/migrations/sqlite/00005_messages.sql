-- +goose Up
-- Messages: 'Queued' and 'Handing' are 'Waiting' and 'Sending' of what the version before must not claim, because it knows
-- neither the occasion, nor the channel, nor the recipient.
ALTER TABLE messages ADD COLUMN subject TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN instance TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN recipient_role TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN recipient_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN day_told TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
CREATE INDEX messages_channel ON messages (channel, not_before) WHERE state IN ('Waiting', 'Sending', 'Queued', 'Handing');
CREATE INDEX messages_leased ON messages (channel, not_before) WHERE state IN ('Sending', 'Handing');
CREATE INDEX messages_recipient ON messages (recipient_hash, finished_at) WHERE recipient_hash <> '';

-- +goose Down
DROP INDEX messages_recipient;
DROP INDEX messages_leased;
DROP INDEX messages_channel;
ALTER TABLE messages DROP COLUMN tries;
ALTER TABLE messages DROP COLUMN day_told;
ALTER TABLE messages DROP COLUMN recipient_hash;
ALTER TABLE messages DROP COLUMN recipient_role;
ALTER TABLE messages DROP COLUMN instance;
ALTER TABLE messages DROP COLUMN subject;
