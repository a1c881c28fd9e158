SELECT
    r.practitioner_id,
    r.location_id,
    r.roster_date AS date,
    r.start_time,
    r.end_time,
    r.slot_minutes AS slot_length,
    r.type_ids
FROM roster r
WHERE r.roster_date >= :first AND r.roster_date < :end
