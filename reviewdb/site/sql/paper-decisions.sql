-- Every decision on any record of a paper, one row for each answer (for a rule, each piece of evidence), in order of time.
SELECT
  decisions.id,
  decisions.record_id,
  decisions.question_id,
  decisions.coder,
  decisions.at,
  decisions.why,
  decisions.settles,
  decisions.withdrawn,
  decisions.undoes,
  decisions.said,
  decisions.reopened,
  answers.code,
  answers.text,
  answers.field,
  answers."start",
  answers."end",
  answers.words,
  current_decisions.decision_id IS NOT NULL AS stands
FROM paper_records
JOIN decisions ON decisions.record_id = paper_records.record_id
LEFT JOIN answers ON answers.decision_id = decisions.id
LEFT JOIN current_decisions
  ON current_decisions.decision_id = decisions.id AND current_decisions.paper_id = paper_records.paper_id
WHERE paper_records.paper_id = :paper
ORDER BY decisions.at, decisions.coder, decisions.id, answers.rowid
