-- Some papers.
-- :keys  a JSON array of their citation keys
SELECT * FROM papers WHERE key IN (SELECT value FROM json_each(:keys)) ORDER BY id
