-- Where some papers stand.
-- :ids  JSON array of ids of papers
SELECT id, status
FROM papers
WHERE id IN (SELECT value FROM json_each(:ids))
