-- The papers that some records are.
SELECT DISTINCT paper_id FROM paper_records WHERE record_id IN (SELECT value FROM json_each(:ids)) ORDER BY paper_id
