-- The session's own lock, let go of with the connection.
SET NOCOUNT ON;
DECLARE @got int;
EXEC @got = dbo.sp_getapplock @Resource = :lock_name, @LockMode = 'Exclusive', @LockOwner = 'Session', @LockTimeout = 2000;
SELECT CASE WHEN @got >= 0 THEN 1 ELSE 0 END AS locked
