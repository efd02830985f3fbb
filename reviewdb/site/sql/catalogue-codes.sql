-- Which paper carries which code: what coders agree on, and what only a rule says; whether it was named, or others imply it.
SELECT paper_id, question_id, code, status, NOT implied
FROM paper_codes
WHERE status IN ('coded', 'suggested')
