-- Hits that are one paper with others, each with the key of that paper.
-- :name  a citation key; only of hits whose year is in it, or that have none
SELECT papers.key, records.*
FROM papers
JOIN paper_records ON paper_records.paper_id = papers.id
JOIN records ON records.id = paper_records.record_id
WHERE records.about IS NULL
  AND (records.year IS NULL OR instr(:name, records.year))
  AND papers.id IN (
    SELECT paper_id FROM paper_records JOIN records ON records.id = record_id
    WHERE about IS NULL GROUP BY paper_id HAVING count(*) > 1
  )
ORDER BY papers.key, records.id
