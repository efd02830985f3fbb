-- For each question: on how many papers still in the review coders agree, only a rule has answered, coders disagree.
WITH answered AS (
  SELECT DISTINCT question_id, paper_id, contested
  FROM current_decisions
  JOIN questions ON questions.id = question_id
  JOIN papers ON papers.id = paper_id
  WHERE questions.kind = 'stage' OR papers.status <> 'excluded'
)
SELECT
  questions.id AS question,
  questions.kind,
  (SELECT count(*) FROM answered WHERE question_id = questions.id AND NOT contested) AS coded,
  (
    SELECT count(DISTINCT papers.id)
    FROM paper_codes JOIN papers ON papers.id = paper_id
    WHERE question_id = questions.id AND paper_codes.status = 'suggested' AND papers.status <> 'excluded'
  ) AS suggested,
  (SELECT count(*) FROM answered WHERE question_id = questions.id AND contested) AS contested
FROM questions
ORDER BY questions.position
