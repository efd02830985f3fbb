-- For each question: on how many papers still in the review coders agree, only a rule has answered, coders disagree.
WITH said AS (
  SELECT
    current_decisions.paper_id,
    current_decisions.question_id,
    coalesce(
      (
        SELECT group_concat(said)
        FROM (
          SELECT coalesce(code, text) AS said
          FROM answers
          WHERE decision_id = current_decisions.decision_id
          ORDER BY said
        )
      ),
      ''
    ) AS answer
  FROM current_decisions
  JOIN questions ON questions.id = question_id
  JOIN papers ON papers.id = paper_id
  WHERE questions.kind = 'stage' OR papers.status <> 'excluded'
),
answered AS (
  SELECT question_id, paper_id, count(DISTINCT answer) AS answers
  FROM said
  GROUP BY question_id, paper_id
)
SELECT
  questions.id AS question,
  questions.kind,
  (SELECT count(*) FROM answered WHERE question_id = questions.id AND answers = 1) AS coded,
  (
    SELECT count(DISTINCT papers.id)
    FROM paper_codes JOIN papers ON papers.id = paper_id
    WHERE question_id = questions.id AND paper_codes.status = 'suggested' AND papers.status <> 'excluded'
  ) AS suggested,
  (SELECT count(*) FROM answered WHERE question_id = questions.id AND answers > 1) AS contested
FROM questions
ORDER BY questions.position
