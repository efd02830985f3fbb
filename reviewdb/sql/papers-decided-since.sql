-- Papers that decisions after the one of a number are about.
SELECT DISTINCT paper_id FROM paper_records WHERE record_id IN (SELECT record_id FROM decisions WHERE id > ?)
