-- A key in whatever letters first; that of a library it was imported from is looked for row by row.
SELECT id, key, title FROM papers WHERE id = :name OR key = :name
UNION ALL
SELECT papers.id, papers.key, papers.title
FROM paper_records JOIN papers ON papers.id = paper_id
WHERE record_id = :name
UNION ALL
SELECT min(papers.id), min(papers.key), min(papers.title)
FROM records
JOIN paper_records ON record_id = records.id
JOIN papers ON papers.id = paper_id
WHERE json_extract(records.extra, '$.citation_key') = :name COLLATE NOCASE
HAVING count(DISTINCT papers.id) = 1
LIMIT 1
