SELECT * FROM records WHERE id IN (SELECT value FROM json_each(:ids)) ORDER BY id
