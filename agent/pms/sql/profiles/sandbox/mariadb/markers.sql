-- Sums, never an XOR: two rows that swap values must not cancel out. An appointment past midnight counts on both dates.
-- step: roster expects=rows
SELECT
    roster_date AS date,
    COUNT(*) AS n,
    SUM(id) AS ids,
    SUM(version) AS versions,
    SUM(id * version) AS weighted,
    SUM(practitioner_id * (TIME_TO_SEC(start_time) DIV 60 + 1)) AS starts,
    SUM(practitioner_id * (TIME_TO_SEC(end_time) DIV 60 + 1)) AS ends
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
    SUM(practitioner_id * (TIME_TO_SEC(start_time) DIV 60 + 1)) AS starts,
    SUM(practitioner_id * (TIME_TO_SEC(end_time) DIV 60 + 1)) AS ends
FROM absences
WHERE absence_date >= :first AND absence_date < :end
GROUP BY absence_date

-- step: appointments expects=rows
SELECT
    DATE(starts_at) AS date,
    COUNT(*) AS n,
    SUM(id) AS ids,
    SUM(version) AS versions,
    SUM(id * version) AS weighted,
    SUM(id * (status + 1)) AS statuses,
    SUM(practitioner_id * (HOUR(starts_at) * 60 + MINUTE(starts_at) + 1)) AS starts,
    SUM(practitioner_id * minutes) AS lengths
FROM appointments
WHERE starts_at >= :first AND starts_at < :end
GROUP BY DATE(starts_at)

-- step: past_midnight expects=rows
SELECT DATE(starts_at) + INTERVAL 1 DAY AS date, id, version, practitioner_id, minutes, status
FROM appointments
WHERE starts_at >= CAST(:first AS DATE) - INTERVAL 1 DAY AND starts_at < :end
    AND HOUR(starts_at) * 60 + MINUTE(starts_at) + minutes > 1440
