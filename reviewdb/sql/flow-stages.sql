-- The stages of screening with their answers, as the coding scheme has them.
SELECT questions.id, questions.label, codes.id, codes.label, codes.not_retrieved
FROM questions
JOIN codes ON codes.question_id = questions.id
WHERE questions.kind = 'stage'
ORDER BY questions.position, codes.position
