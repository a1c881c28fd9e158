-- Two seconds, because a connection that has just broken may still have it. Asked again by whoever has it, it gives 1.
SET NOCOUNT ON;
DECLARE @got int;
EXEC @got = dbo.sp_getapplock @Resource = :lock_name, @LockMode = 'Exclusive', @LockOwner = 'Session', @LockTimeout = 2000;
SELECT CASE WHEN @got >= 0 THEN 1 ELSE 0 END AS locked
