-- For each question: on how many papers still in the review a person, or only a rule, has answered.
SELECT
  questions.id AS question,
  questions.kind,
  (
    SELECT count(DISTINCT papers.id)
    FROM current_decisions JOIN papers ON papers.id = paper_id
    WHERE question_id = questions.id AND (questions.kind = 'stage' OR papers.status <> 'excluded')
  ) AS coded,
  (
    SELECT count(DISTINCT papers.id)
    FROM paper_codes JOIN papers ON papers.id = paper_id
    WHERE question_id = questions.id AND paper_codes.status = 'suggested' AND papers.status <> 'excluded'
  ) AS suggested,
  (
    SELECT count(DISTINCT paper_id) FROM paper_codes WHERE question_id = questions.id AND status = 'contested'
  ) AS contested
FROM questions
ORDER BY questions.position
