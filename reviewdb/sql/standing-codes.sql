SELECT code, status
FROM paper_codes
WHERE paper_id = ? AND question_id = ? AND status IN ('coded', 'contested') AND NOT implied
