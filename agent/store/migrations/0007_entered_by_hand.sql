-- Whether Healthengine was told ids of our own for a booking that reception enters, and a quick way to those bookings.

ALTER TABLE bookings ADD COLUMN own_ids INTEGER NOT NULL DEFAULT 0;

CREATE INDEX bookings_by_hand ON bookings (start) WHERE state = 'by_hand';
