SELECT id, key, title FROM papers WHERE id = :name OR key = :name COLLATE NOCASE
UNION
SELECT papers.id, papers.key, papers.title
FROM paper_records JOIN papers ON papers.id = paper_id
WHERE record_id = :name
LIMIT 1
