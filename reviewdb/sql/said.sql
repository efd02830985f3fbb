-- What coders say now about a paper, or said before its code was split (answer: open again), and what only rules say; one
-- row for each question and coder. said: the same in the codes of its time, where they are others now.
-- :paper  the id of the paper
SELECT now.question_id AS question, now.coder, decisions.why, now.answer, NULL AS words, decisions.said
FROM current_decisions AS now
JOIN decisions ON decisions.id = now.decision_id
WHERE now.paper_id = :paper
UNION ALL
SELECT open_again.question_id, open_again.coder, decisions.why, 'open again', NULL, decisions.said
FROM open_again
JOIN decisions ON decisions.id = open_again.decision_id
WHERE open_again.paper_id = :paper
UNION ALL
SELECT
  said.question_id,
  NULL,
  '',
  said.code,
  (
    SELECT group_concat(DISTINCT answers.words)
    FROM paper_records
    JOIN decisions ON decisions.record_id = paper_records.record_id AND decisions.question_id = said.question_id
    JOIN answers ON answers.decision_id = decisions.id AND answers.code = said.code
    WHERE paper_records.paper_id = :paper AND decisions.coder LIKE 'rule:%'
  ),
  NULL
FROM paper_codes AS said
WHERE said.paper_id = :paper AND said.status = 'suggested' AND NOT said.implied
ORDER BY 1, 2
