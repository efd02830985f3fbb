-- The exact name first: a key in other letters is looked for row by row.
SELECT id, key, title FROM papers WHERE id = :name OR key = :name
UNION ALL
SELECT papers.id, papers.key, papers.title
FROM paper_records JOIN papers ON papers.id = paper_id
WHERE record_id = :name
UNION ALL
SELECT id, key, title FROM papers WHERE key = :name COLLATE NOCASE
LIMIT 1
