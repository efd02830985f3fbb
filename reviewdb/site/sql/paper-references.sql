-- How many works a paper is known to cite.
SELECT count(DISTINCT reference.value)
FROM paper_records
JOIN records ON records.id = paper_records.record_id, json_each(records.extra, '$.references') AS reference
WHERE paper_records.paper_id = :paper
