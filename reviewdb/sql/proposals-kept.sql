-- For each code: how often a rule proposed it where people have answered since, and in how many of these they kept it.
-- What coders disagree on is not judged yet. With a :coder (empty: none), only that one's answers count.
WITH answered AS (
  SELECT paper_id, question_id FROM current_decisions WHERE :coder IN ('', coder)
  GROUP BY paper_id, question_id HAVING NOT max(contested)
),
proposed AS (
  SELECT DISTINCT answered.paper_id, answered.question_id, code
  FROM answered
  JOIN paper_records USING (paper_id)
  JOIN decisions
    ON decisions.record_id = paper_records.record_id AND decisions.question_id = answered.question_id
    AND coder LIKE 'rule:%'
  JOIN answers ON answers.decision_id = decisions.id
  WHERE code IS NOT NULL
)
SELECT
  question_id,
  code,
  sum(
    EXISTS (
      SELECT 1
      FROM current_decisions AS now JOIN answers ON answers.decision_id = now.decision_id
      WHERE now.paper_id = proposed.paper_id AND now.question_id = proposed.question_id
        AND :coder IN ('', now.coder)
        AND (answers.code = proposed.code OR answers.code LIKE proposed.code || '.%')
    )
  ) AS kept,
  count(*) AS judged
FROM proposed
GROUP BY question_id, code
