-- title: Unconfirmed suggestions
-- for: coders
-- description: Codes that the patterns of the coding scheme propose and that no person has confirmed or refused, with the words that
-- speak for them. They count nowhere until somebody does.
SELECT
  papers.key AS paper,
  proposed.question_id AS question,
  proposed.code,
  group_concat(DISTINCT answers.words) AS words,
  papers.title
FROM paper_codes AS proposed
JOIN papers ON papers.id = proposed.paper_id
JOIN questions ON questions.id = proposed.question_id
JOIN codes ON codes.question_id = proposed.question_id AND codes.id = proposed.code
JOIN paper_records ON paper_records.paper_id = papers.id
JOIN decisions
  ON decisions.record_id = paper_records.record_id
  AND decisions.question_id = proposed.question_id
  AND decisions.coder LIKE 'rule:%'
JOIN answers ON answers.decision_id = decisions.id AND answers.code = proposed.code
WHERE questions.kind <> 'stage' AND proposed.status = 'suggested' AND NOT proposed.implied AND papers.status <> 'excluded'
GROUP BY papers.id, questions.position, codes.position
ORDER BY papers.id, questions.position, codes.position
