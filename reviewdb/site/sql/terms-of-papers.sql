-- :ids  a JSON array of papers. The labels and texts of their codes, which are all that decisions add to the full-text index.
SELECT terms
FROM papers
WHERE id IN (SELECT value FROM json_each(:ids)) AND terms IS NOT NULL
