-- The guid stays through backup and restore. The version is the server's: where the product keeps its own is not known.
SELECT
    CAST(d.service_broker_guid AS varchar(36)) AS database_id,
    CAST(SERVERPROPERTY('ProductVersion') AS varchar(40)) AS version,
    (SELECT COALESCE(MAX(a.RECORDID), 0) FROM dbo.APPOINTMENTS a) AS newest_change
FROM sys.databases d
WHERE d.database_id = DB_ID()
