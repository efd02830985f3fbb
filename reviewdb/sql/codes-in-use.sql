-- How many codes of each question stand on any paper, as coders agree.
SELECT question_id, count(DISTINCT code) FROM paper_codes WHERE status = 'coded' GROUP BY question_id
