-- Sums, never an XOR: two rows that swap values must not cancel out. An appointment past midnight counts on both dates.
-- step: roster expects=rows
SELECT
    roster_date AS date,
    COUNT(*) AS n,
    SUM(id) AS ids,
    SUM(version) AS versions,
    SUM(CAST(id AS BIGINT) * version) AS weighted,
    SUM(CAST(practitioner_id AS BIGINT) * (CAST(SUBSTR(start_time, 1, 2) AS INTEGER) * 60 + CAST(SUBSTR(start_time, 4, 2) AS INTEGER) + 1)) AS starts,
    SUM(CAST(practitioner_id AS BIGINT) * (CAST(SUBSTR(end_time, 1, 2) AS INTEGER) * 60 + CAST(SUBSTR(end_time, 4, 2) AS INTEGER) + 1)) AS ends
FROM roster
WHERE roster_date >= :first AND roster_date < :end
GROUP BY roster_date

-- step: absences expects=rows
SELECT
    absence_date AS date,
    COUNT(*) AS n,
    SUM(id) AS ids,
    SUM(version) AS versions,
    SUM(CAST(id AS BIGINT) * version) AS weighted,
    SUM(CAST(practitioner_id AS BIGINT) * (CAST(SUBSTR(start_time, 1, 2) AS INTEGER) * 60 + CAST(SUBSTR(start_time, 4, 2) AS INTEGER) + 1)) AS starts,
    SUM(CAST(practitioner_id AS BIGINT) * (CAST(SUBSTR(end_time, 1, 2) AS INTEGER) * 60 + CAST(SUBSTR(end_time, 4, 2) AS INTEGER) + 1)) AS ends
FROM absences
WHERE absence_date >= :first AND absence_date < :end
GROUP BY absence_date

-- step: appointments expects=rows
SELECT
    CAST(starts_at AS DATE) AS date,
    COUNT(*) AS n,
    SUM(id) AS ids,
    SUM(version) AS versions,
    SUM(CAST(id AS BIGINT) * version) AS weighted,
    SUM(CAST(id AS BIGINT) * (status + 1)) AS statuses,
    SUM(CAST(practitioner_id AS BIGINT) * (CAST(EXTRACT(HOUR FROM starts_at) * 60 + EXTRACT(MINUTE FROM starts_at) AS INTEGER) + 1)) AS starts,
    SUM(CAST(practitioner_id AS BIGINT) * minutes) AS lengths
FROM appointments
WHERE starts_at >= :first AND starts_at < :end
GROUP BY CAST(starts_at AS DATE)

-- step: past_midnight expects=rows
SELECT CAST(starts_at AS DATE) + 1 AS date, id, version, practitioner_id, minutes, status
FROM appointments
WHERE starts_at >= CAST(:first AS DATE) - 1 AND starts_at < :end
    AND CAST(EXTRACT(HOUR FROM starts_at) * 60 + EXTRACT(MINUTE FROM starts_at) AS INTEGER) + minutes > 1440
