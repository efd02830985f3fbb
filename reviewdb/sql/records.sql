-- Some records, in the order of their ids.
SELECT * FROM records WHERE id IN (SELECT value FROM json_each(:ids)) ORDER BY id
