SELECT
    p.id,
    p.title,
    p.first_name,
    p.last_name,
    w.location_id,
    w.specialty_code AS specialty_id,
    w.specialty_name
FROM practitioners p
JOIN practitioner_places w ON w.practitioner_id = p.id
JOIN locations l ON l.id = w.location_id AND l.active = 1
WHERE p.active = 1
ORDER BY p.id, w.location_id, w.specialty_code
