-- The paper that a record belongs to now.
SELECT paper_id FROM paper_records WHERE record_id = ?
