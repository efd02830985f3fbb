-- Which codes some papers carry, as catalogue-codes.sql has it for all: to look for these with a choice of all reads all.
-- :ids  JSON array of ids of papers
SELECT paper_id, question_id, code, status, NOT implied
FROM json_each(:ids) AS wanted
JOIN paper_codes ON paper_codes.paper_id = wanted.value
WHERE status IN ('coded', 'suggested')
