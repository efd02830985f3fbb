-- :keys  JSON array of citation keys
SELECT key, authors, year, substr(title, 1, 300) AS title
FROM papers
WHERE key IN (SELECT value FROM json_each(:keys))
