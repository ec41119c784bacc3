-- +goose Up
-- What the version before has written and this one has not taken over yet: everything at first, then what a program of that
-- version writes beside or after this one.
CREATE TABLE legacy_orders (
    order_id TEXT NOT NULL PRIMARY KEY REFERENCES orders (id) ON DELETE CASCADE
) WITHOUT ROWID;
INSERT INTO legacy_orders (order_id) SELECT id FROM orders ORDER BY id;
CREATE TABLE legacy_parcels (
    parcel_id INTEGER PRIMARY KEY REFERENCES parcels (id) ON DELETE CASCADE
);
INSERT INTO legacy_parcels (parcel_id) SELECT id FROM parcels WHERE order_id IS NULL ORDER BY id;

-- Numbers in the form of this version, which knows letters and digits only.
CREATE INDEX legacy_orders_number ON orders (replace(replace(replace(replace(replace(number_key, '-', ''), '/', ''), '_', ''), '.', ''), '#', ''));
CREATE INDEX legacy_parcels_number ON parcels (replace(replace(replace(replace(replace(number_key, '-', ''), '/', ''), '_', ''), '.', ''), '#', ''));
CREATE INDEX legacy_parcels_shipment ON parcels (shipment_id) WHERE shipment_id <> '';
CREATE INDEX legacy_parcels_hint ON parcels (replace(replace(replace(replace(replace(hint_number, '-', ''), '/', ''), '_', ''), '.', ''), '#', '')) WHERE order_id IS NULL;
CREATE INDEX legacy_parcels_external ON parcels (hint_external) WHERE order_id IS NULL;

-- +goose StatementBegin
CREATE TRIGGER legacy_order_added AFTER INSERT ON orders
BEGIN
    INSERT INTO legacy_orders (order_id) SELECT new.id WHERE NOT EXISTS (SELECT 1 FROM legacy_orders WHERE order_id = new.id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER legacy_order_changed AFTER UPDATE ON orders WHEN new.body <> old.body
BEGIN
    INSERT INTO legacy_orders (order_id) SELECT new.id WHERE NOT EXISTS (SELECT 1 FROM legacy_orders WHERE order_id = new.id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER legacy_parcel_added AFTER INSERT ON parcels
BEGIN
    INSERT INTO legacy_orders (order_id) SELECT new.order_id
        WHERE new.order_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM legacy_orders WHERE order_id = new.order_id);
    INSERT INTO legacy_parcels (parcel_id) SELECT new.id
        WHERE new.order_id IS NULL AND NOT EXISTS (SELECT 1 FROM legacy_parcels WHERE parcel_id = new.id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER legacy_parcel_changed AFTER UPDATE ON parcels
    WHEN new.carrier <> old.carrier OR new.shipment_id <> old.shipment_id OR new.url <> old.url
BEGIN
    INSERT INTO legacy_orders (order_id) SELECT new.order_id
        WHERE new.order_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM legacy_orders WHERE order_id = new.order_id);
    INSERT INTO legacy_parcels (parcel_id) SELECT new.id
        WHERE new.order_id IS NULL AND NOT EXISTS (SELECT 1 FROM legacy_parcels WHERE parcel_id = new.id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER legacy_event_added AFTER INSERT ON events
BEGIN
    INSERT INTO legacy_orders (order_id) SELECT p.order_id FROM parcels p
        WHERE p.id = new.parcel_id AND p.order_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM legacy_orders WHERE order_id = p.order_id);
    INSERT INTO legacy_parcels (parcel_id) SELECT p.id FROM parcels p
        WHERE p.id = new.parcel_id AND p.order_id IS NULL AND NOT EXISTS (SELECT 1 FROM legacy_parcels WHERE parcel_id = p.id);
END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER legacy_event_added;
DROP TRIGGER legacy_parcel_changed;
DROP TRIGGER legacy_parcel_added;
DROP TRIGGER legacy_order_changed;
DROP TRIGGER legacy_order_added;
DROP INDEX legacy_parcels_external;
DROP INDEX legacy_parcels_hint;
DROP INDEX legacy_parcels_shipment;
DROP INDEX legacy_parcels_number;
DROP INDEX legacy_orders_number;
DROP TABLE legacy_parcels;
DROP TABLE legacy_orders;
