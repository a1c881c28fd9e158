-- Sums, never an XOR: two rows that swap values must not cancel out. An appointment past midnight counts on both dates.
-- step: roster expects=rows
SELECT
    roster_date AS date,
    COUNT(*) AS n,
    SUM(id) AS ids,
    SUM(version) AS versions,
    SUM(id * version) AS weighted,
    SUM(practitioner_id * (CAST(SUBSTR(start_time, 1, 2) AS INTEGER) * 60 + CAST(SUBSTR(start_time, 4, 2) AS INTEGER) + 1)) AS starts,
    SUM(practitioner_id * (CAST(SUBSTR(end_time, 1, 2) AS INTEGER) * 60 + CAST(SUBSTR(end_time, 4, 2) AS INTEGER) + 1)) AS ends
FROM roster
WHERE roster_date >= :first AND roster_date < :end
GROUP BY roster_date

-- step: absences expects=rows
SELECT
    absence_date AS date,
    COUNT(*) AS n,
    SUM(id) AS ids,
    SUM(version) AS versions,
    SUM(id * version) AS weighted,
    SUM(practitioner_id * (CAST(SUBSTR(start_time, 1, 2) AS INTEGER) * 60 + CAST(SUBSTR(start_time, 4, 2) AS INTEGER) + 1)) AS starts,
    SUM(practitioner_id * (CAST(SUBSTR(end_time, 1, 2) AS INTEGER) * 60 + CAST(SUBSTR(end_time, 4, 2) AS INTEGER) + 1)) AS ends
FROM absences
WHERE absence_date >= :first AND absence_date < :end
GROUP BY absence_date

-- step: appointments expects=rows
SELECT
    SUBSTR(starts_at, 1, 10) AS date,
    COUNT(*) AS n,
    SUM(id) AS ids,
    SUM(version) AS versions,
    SUM(id * version) AS weighted,
    SUM(id * (status + 1)) AS statuses,
    SUM(practitioner_id * (CAST(SUBSTR(starts_at, 12, 2) AS INTEGER) * 60 + CAST(SUBSTR(starts_at, 15, 2) AS INTEGER) + 1)) AS starts,
    SUM(practitioner_id * minutes) AS lengths
FROM appointments
WHERE starts_at >= :first AND starts_at < :end
GROUP BY SUBSTR(starts_at, 1, 10)

-- step: past_midnight expects=rows
SELECT DATE(starts_at, '+1 day') AS date, id, version, practitioner_id, minutes, status
FROM appointments
WHERE starts_at >= DATE(:first, '-1 day') AND starts_at < :end
    AND CAST(SUBSTR(starts_at, 12, 2) AS INTEGER) * 60 + CAST(SUBSTR(starts_at, 15, 2) AS INTEGER) + minutes > 1440
