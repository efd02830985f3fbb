-- What coders say now about a paper, and what only rules say; one row for each question and coder.
-- :paper  the id of the paper
SELECT
  questions.id AS question,
  now.coder,
  decisions.why,
  (
    SELECT group_concat(said, ', ')
    FROM (SELECT coalesce(code, text) AS said FROM answers WHERE decision_id = decisions.id ORDER BY said)
  ) AS answer,
  NULL AS words
FROM current_decisions AS now
JOIN questions ON questions.id = now.question_id
JOIN decisions ON decisions.id = now.decision_id
WHERE now.paper_id = :paper
UNION ALL
SELECT
  questions.id,
  NULL,
  '',
  said.code,
  (
    SELECT group_concat(DISTINCT answers.words)
    FROM paper_records
    JOIN decisions ON decisions.record_id = paper_records.record_id AND decisions.question_id = said.question_id
    JOIN answers ON answers.decision_id = decisions.id AND answers.code = said.code
    WHERE paper_records.paper_id = :paper AND decisions.coder LIKE 'rule:%'
  )
FROM paper_codes AS said
JOIN questions ON questions.id = said.question_id
WHERE said.paper_id = :paper AND said.status = 'suggested' AND NOT said.implied
ORDER BY 1, 2
