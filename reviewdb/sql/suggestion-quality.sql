-- How what rules suggest compares with what people decided, for each code, and (code: '(all)') for all codes of a question.
-- Only papers count on whose answer coders agree; a code that a finer one implies counts as suggested, or as decided.
-- :coder  the rule
WITH answered AS (
  SELECT question_id, paper_id
  FROM current_decisions
  JOIN questions ON questions.id = question_id
  WHERE kind = 'codes' AND suggested_column IS NOT NULL
  GROUP BY question_id, paper_id
  HAVING NOT max(contested)
),
decided AS (
  SELECT question_id, paper_id, code
  FROM paper_codes
  JOIN answered USING (question_id, paper_id)
  WHERE status = 'coded'
),
spoken AS (
  SELECT answered.question_id, answered.paper_id, codes.id AS code, lower(answers.words) AS words
  FROM answered
  JOIN paper_records ON paper_records.paper_id = answered.paper_id
  JOIN decisions
    ON decisions.record_id = paper_records.record_id
    AND decisions.question_id = answered.question_id
    AND decisions.coder = :coder
  JOIN answers ON answers.decision_id = decisions.id
  JOIN codes
    ON codes.question_id = answered.question_id
    AND (answers.code = codes.id OR substr(answers.code, 1, length(codes.id) + 1) = codes.id || '.')
),
suggested AS (
  SELECT DISTINCT question_id, paper_id, code FROM spoken
),
judged AS (
  SELECT question_id, code, decided.paper_id IS NOT NULL AS accepted, decided.paper_id IS NULL AS corrected, 0 AS missed
  FROM suggested
  LEFT JOIN decided USING (question_id, paper_id, code)
  UNION ALL
  SELECT question_id, code, 0, 0, 1
  FROM decided
  LEFT JOIN suggested USING (question_id, paper_id, code)
  WHERE suggested.paper_id IS NULL
),
counted AS (
  SELECT question_id, code, sum(accepted) AS accepted, sum(corrected) AS corrected, sum(missed) AS missed
  FROM judged
  GROUP BY question_id, code
  UNION ALL
  SELECT question_id, '(all)', sum(accepted), sum(corrected), sum(missed)
  FROM judged
  GROUP BY question_id
),
misleading AS (
  SELECT
    question_id,
    code,
    words,
    count(DISTINCT paper_id) AS papers,
    row_number() OVER (PARTITION BY question_id, code ORDER BY count(DISTINCT paper_id) DESC, words) AS place
  FROM spoken
  LEFT JOIN decided USING (question_id, paper_id, code)
  WHERE decided.paper_id IS NULL
  GROUP BY question_id, code, words
)
SELECT
  counted.question_id AS question,
  counted.code,
  accepted,
  corrected,
  missed,
  round(1.0 * accepted / nullif(accepted + corrected, 0), 3) AS precision,
  round(1.0 * accepted / nullif(accepted + missed, 0), 3) AS recall,
  (
    SELECT group_concat(words || ' ' || papers, ', ')
    FROM (
      SELECT words, papers
      FROM misleading
      WHERE question_id = counted.question_id AND code = counted.code AND place <= 5
      ORDER BY place
    )
  ) AS misled_by
FROM counted
JOIN questions ON questions.id = counted.question_id
LEFT JOIN codes ON codes.question_id = counted.question_id AND codes.id = counted.code
ORDER BY questions.position, codes.position IS NOT NULL, codes.position
