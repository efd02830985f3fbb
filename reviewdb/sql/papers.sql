-- Some papers.
-- :ids  a JSON array of their ids
SELECT * FROM papers WHERE id IN (SELECT value FROM json_each(:ids)) ORDER BY id
