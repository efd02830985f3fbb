-- How much each code is used: a million for each paper of which people say it, one for each that only rules propose it for.
SELECT question_id, code, sum(iif(status = 'suggested', 1, 1000000)) FROM paper_codes GROUP BY question_id, code
