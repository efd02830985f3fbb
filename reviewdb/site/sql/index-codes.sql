-- The codes of every paper, in the order in which a card shows them.
SELECT paper_codes.paper_id, paper_codes.question_id, paper_codes.code, paper_codes.status, paper_codes.implied
FROM paper_codes
JOIN questions ON questions.id = paper_codes.question_id
JOIN codes ON codes.question_id = paper_codes.question_id AND codes.id = paper_codes.code
ORDER BY paper_codes.paper_id, paper_codes.status, questions.position, codes.position
