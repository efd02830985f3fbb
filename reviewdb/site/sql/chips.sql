-- :ids  JSON array of ids of papers. The codes that were named; those that they imply go without saying.
SELECT paper_codes.paper_id, paper_codes.question_id, paper_codes.code, paper_codes.status
FROM paper_codes
JOIN questions ON questions.id = paper_codes.question_id
JOIN codes ON codes.question_id = paper_codes.question_id AND codes.id = paper_codes.code
WHERE questions.kind = 'codes' AND NOT paper_codes.implied
  AND paper_codes.paper_id IN (SELECT value FROM json_each(:ids))
-- In the order of the alphabet the standings are also in order of weight: coded, contested, suggested.
ORDER BY paper_codes.status, questions.position, codes.position
