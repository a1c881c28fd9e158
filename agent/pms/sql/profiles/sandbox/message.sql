-- Once for each task, however often it is asked: the subject names it.
-- step: next_id expects=one
SELECT COALESCE(MAX(id), 0) + 1 AS message_id FROM messages

-- step: insert expects=count
INSERT INTO messages (id, location_id, created_at, subject, body, done)
SELECT :message_id, :location_id, :since, :subject, :text, 0
FROM practice_info
WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.subject = :subject)
