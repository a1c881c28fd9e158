SET NOCOUNT ON;
DECLARE @gone int;
EXEC @gone = dbo.sp_releaseapplock @Resource = :lock_name, @LockOwner = 'Session';
SELECT @gone AS released
