-- The papers and studies that records are in, a row for each record that is in one.
SELECT paper_records.paper_id, papers.study_id
FROM paper_records JOIN papers ON papers.id = paper_records.paper_id
WHERE paper_records.record_id IN (SELECT value FROM json_each(:ids))
