-- The hits of searches, with the paper that each of them is.
SELECT records.search_id, paper_records.paper_id
FROM records
JOIN paper_records ON paper_records.record_id = records.id
WHERE records.about IS NULL
ORDER BY records.id
