-- What coders agree on, of each paper and facet: codes as finely as they were given, with their labels, or a text (code NULL).
SELECT paper_codes.paper_id, questions.id AS question, questions.position AS place, codes.position, codes.id AS code, codes.label
FROM paper_codes
JOIN questions ON questions.id = paper_codes.question_id
JOIN codes ON codes.question_id = paper_codes.question_id AND codes.id = paper_codes.code
WHERE questions.kind = 'codes' AND paper_codes.status = 'coded' AND NOT paper_codes.implied
UNION ALL
SELECT DISTINCT now.paper_id, questions.id, questions.position, 0, NULL, now.answer
FROM current_decisions AS now
JOIN questions ON questions.id = now.question_id
WHERE questions.kind IN ('text', 'number') AND NOT now.contested
ORDER BY 1, 3, 4
