-- Which paper carries which code: what coders agree on, and what only a rule says. Codes that others imply count too.
SELECT paper_id, question_id, code, status
FROM paper_codes
WHERE status IN ('coded', 'suggested')
